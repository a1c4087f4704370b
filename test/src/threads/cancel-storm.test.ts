// Issue 4: a thousand cancels at random moments against a thousand jobs of all kinds, on both lanes.
import { getEventListeners } from 'node:events';

import { type Future, jobModule, LoopPool, type RemoteStream, WorkerLoop } from 'offloop';
import { expect, test } from 'vitest';

import { collect } from '../collect.ts';
import { basic, shared, sharedWords, until } from './support.ts';

const stuck = jobModule<typeof import('../jobs/stuck.js')>(new URL('../jobs/stuck.js', import.meta.url));

/** A small generator of numbers from 0 to 1, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    const last = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((last ^ (last >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Start = (
  loop: Pick<WorkerLoop, 'run'>,
  signal: AbortSignal | undefined,
) => Future<unknown> | RemoteStream<unknown>;

const words = sharedWords();
const kinds: Record<string, Start> = {
  quick: (loop, signal) => loop.run(basic.add(1, 1), given(signal)),
  async: (loop, signal) => loop.run(basic.sleepFor(5), given(signal)),
  never: (loop, signal) => loop.run(basic.sleepFor(1e8), given(signal)),
  polite: (loop, signal) => loop.run(shared.spinPolitely(words), given(signal)),
  blocking: (loop, signal) => loop.run(stuck.forever(words), given(signal)),
  inContext: (loop, signal) => loop.run(stuck.foreverInside('als.run', words), given(signal)),
  short: (loop, signal) => loop.run(stuck.sleepBlocking(1), given(signal)),
  stream: (loop, signal) => loop.run(basic.countTo(1e9), given(signal)),
};

function given(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** Take items until the stream ends. */
async function drain(stream: AsyncIterable<unknown>): Promise<number> {
  let items = 0;
  for await (const item of stream) if (item !== undefined) items++;
  return items;
}

/** So many jobs, six at a time, each cancelled at a random moment; returns how the futures ended. */
async function storm(loop: Pick<WorkerLoop, 'run'>, jobs: number, next: () => number): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  const names = Object.keys(kinds);
  const controllers: AbortController[] = [];
  const one = async (): Promise<void> => {
    const kind = names[Math.floor(next() * names.length)] as string;
    const controller = next() < 0.2 ? new AbortController() : undefined;
    if (controller !== undefined) controllers.push(controller);
    const work = (kinds[kind] as Start)(loop, controller?.signal);
    let settled = 0;
    const done = (kind === 'stream' ? drain(work as RemoteStream<unknown>) : (work as Future<unknown>)).then(
      () => void settled++,
      () => void settled++,
    );
    await new Promise((resolve) => void setTimeout(resolve, next() * 10));
    // Blocking ones must be forced; the rest are asked in any way.
    if (controller !== undefined && next() < 0.5) controller.abort();
    work.cancel({ force: true, graceMs: Math.floor(next() * 5) });
    await done;
    expect(settled).toBe(1);
    const end = `${kind} ${work.state}`;
    outcomes.set(end, (outcomes.get(end) ?? 0) + 1);
  };
  let left = jobs;
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      while (left-- > 0) await one();
    }),
  );
  for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  return outcomes;
}

/** What holds the process, but for what is over in a turn. */
function held(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((each) => each !== 'Timeout' && each !== 'Immediate')
    .toSorted();
}

function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

test.each(['ring', 'port'] as const)(
  'a thousand cancels: each future settles once, the thread is the same, and nothing is left (%s lane)',
  async (lane) => {
    const seed = Math.trunc(Math.random() * 1e9);
    const next = random(seed);
    await using loop = new WorkerLoop({ lane, onUnhandled: 'ignore' });
    await loop.run(basic.add(1, 1));
    const { threadId } = loop;
    await storm(loop, 200, next);
    const resources = held();
    const before = heapUsed();
    const outcomes = await storm(loop, 1000, next);
    expect(loop.threadId, `seed ${seed}`).toBe(threadId);
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    // What was given up may end a moment later.
    await until(() => loop.stats().inFlight === 0, `the end of all jobs (seed ${seed})`);
    expect(loop.stats(), `seed ${seed}`).toMatchObject({ state: 'running', zombies: 0 });
    expect(await loop.tasks(), `seed ${seed}`).toEqual([]);
    expect(held()).toEqual(resources);
    expect(heapUsed() - before).toBeLessThan(2e6);
    expect([...outcomes.values()].reduce((a, b) => a + b, 0)).toBe(1000);
    // All of them have begun at least sometimes, and been broken off.
    for (const kind of ['never', 'polite', 'blocking', 'stream'])
      expect(outcomes.get(`${kind} cancelled`), `seed ${seed}`).toBeGreaterThan(0);
  },
  60_000,
);

test('the same against a pool: its loops are the same as before', async () => {
  const seed = Math.trunc(Math.random() * 1e9);
  await using pool = new LoopPool({ size: 2, onUnhandled: 'ignore' });
  const ends: unknown[] = [];
  pool.on('restart', ({ error }) => ends.push(error));
  await pool.run(basic.add(1, 1));
  await storm(pool as unknown as Pick<WorkerLoop, 'run'>, 1000, random(seed));
  expect(await pool.run(basic.add(1, 1))).toBe(2);
  await until(() => pool.stats().inFlight === 0 && pool.stats().zombies === 0, `the end of all jobs (seed ${seed})`);
  expect(ends, `seed ${seed}`).toEqual([]);
  expect(pool.stats(), `seed ${seed}`).toMatchObject({ loops: 2, restarts: 0, waiting: 0 });
}, 60_000);
