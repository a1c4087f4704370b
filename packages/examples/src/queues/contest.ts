// Who works no-op messages off fastest: the contestants take turns, and the medians of their rounds are compared.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import type { Consumer } from 'offloop';

import { median } from '../bench/samples.ts';

export interface Contestant {
  readonly name: string;
  /** Consume until `done` was called for each message; gives what ends it. */
  readonly start: (done: () => void) => () => Promise<unknown>;
}

export interface Contest {
  readonly rounds: number;
  /** Messages a round. */
  readonly messages: number;
  /** Empty the queue, and put so many messages in. */
  readonly fill: (messages: number) => Promise<unknown>;
  /** The others are compared with the first. */
  readonly contestants: readonly Contestant[];
}

/** A Redis at REDIS_URL, or else one that is started on this port; `end` ends that one. */
export function useRedis(port: number): { readonly url: string; readonly end: () => Promise<void> } {
  const url = process.env['REDIS_URL'];
  if (url !== undefined) return { url, end: async () => {} };
  const server = spawn('redis-server', ['--port', String(port), '--save', ''], { stdio: 'ignore' });
  return {
    url: `redis://127.0.0.1:${port}`,
    end: async () => {
      server.kill();
      await once(server, 'exit');
    },
  };
}

/** What `start` of a contestant does with a consumer. */
export function counting(consumer: Consumer<number>, done: () => void): () => Promise<unknown> {
  consumer.on('done', done);
  return () => consumer.close();
}

/** A round of each to warm up, then all rounds; prints a line for each contestant. */
export async function runContest({ rounds, messages, fill, contestants }: Contest): Promise<void> {
  const measured = contestants.map(({ name, start }) => ({ name, start, rates: [] as number[] }));
  for (let i = 0; i <= rounds; i++)
    for (const { start, rates } of measured) {
      await fill(messages);
      const rate = await round(start, messages);
      if (i > 0) rates.push(rate);
    }
  const best = median(measured[0]?.rates ?? []);
  for (const { name, rates } of measured) {
    const range = `${Math.round(Math.min(...rates))} to ${Math.round(Math.max(...rates))}`;
    const middle = median(rates);
    console.log(`${name.padEnd(26)} ${Math.round(middle)} a second (${range}), ${Math.round((100 * middle) / best)} %`);
  }
}

/** Messages a second. */
async function round(start: Contestant['start'], messages: number): Promise<number> {
  let left = messages;
  let begin = 0;
  let end: (() => Promise<unknown>) | undefined;
  await new Promise<void>((resolve) => {
    end = start(() => {
      // From the first one on: connecting is no throughput.
      if (left === messages) begin = performance.now();
      if (--left === 0) resolve();
    });
  });
  const rate = (messages - 1) / ((performance.now() - begin) / 1000);
  await end?.();
  return rate;
}
