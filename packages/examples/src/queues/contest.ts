// Who works no-op messages off fastest: each round of each contestant is a process of its own, they take turns, and what is compared
// is the ratio within a round. Arguments of such a program: concurrency, rounds, messages a round.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Consumer } from 'offloop';

import { reasonOf, runChild } from '../bench/child-process.ts';
import { median } from '../bench/samples.ts';

/** What a round of a contestant is given. */
export interface Place {
  /** Of Redis. */
  readonly url: string;
  readonly concurrency: number;
}

export interface Contest {
  /** The `import.meta.url` of the program. */
  readonly program: string;
  /** Of a Redis that is started where REDIS_URL names none. */
  readonly port: number;
  readonly defaults: { readonly concurrency: number; readonly rounds: number; readonly messages: number };
  /** Empty the queue, and put so many messages in. */
  readonly fill: (url: string, messages: number) => Promise<unknown>;
  /** Begin to consume; `done` is called for each message. The others are compared with the first. */
  readonly contestants: Readonly<Record<string, (place: Place, done: () => void) => unknown>>;
}

/** So many messages pass until V8 has optimized what works on them. */
const warmUpMessages = 60_000;

/** Of a child: what it consumes behind those, while the clock runs. */
interface Order extends Place {
  readonly name: string;
  readonly messages: number;
}

/** Have `done` called for each message of a consumer. */
export function counting(consumer: Consumer<number>, done: () => void): void {
  consumer.on('done', done);
}

export async function runContest(contest: Contest): Promise<void> {
  const [first = ''] = process.argv.slice(2);
  if (first.startsWith('{')) await measure(contest, JSON.parse(first) as Order);
  else await judge(contest);
}

/** In the child: print messages a second, and end. */
async function measure({ contestants }: Contest, { name, url, concurrency, messages }: Order): Promise<void> {
  let done = 0;
  let begin = 0;
  const rate = await new Promise<number>((resolve) => {
    void contestants[name]?.({ url, concurrency }, () => {
      done++;
      if (done === warmUpMessages) begin = performance.now();
      else if (done === warmUpMessages + messages) resolve(messages / ((performance.now() - begin) / 1000));
    });
  });
  console.log(`rate ${rate}`);
  process.exit();
}

async function judge(contest: Contest): Promise<void> {
  const redis = useRedis(contest.port);
  try {
    print(await ratesOf(contest, redis.url));
  } finally {
    await redis.end();
  }
}

/** Of each contestant, round by round. */
async function ratesOf(
  { program, defaults, fill, contestants }: Contest,
  url: string,
): Promise<Map<string, readonly number[]>> {
  const given = process.argv.slice(2).map(Number);
  const [concurrency = defaults.concurrency, rounds = defaults.rounds, messages = defaults.messages] = given;
  const rates = new Map(Object.keys(contestants).map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++)
    // Whoever comes behind the same one each time may inherit its garbage.
    for (const [name, its] of round % 2 === 0 ? rates : [...rates].toReversed()) {
      await fill(url, warmUpMessages + messages);
      const order: Order = { name, url, concurrency, messages };
      const end = await runChild({ file: fileURLToPath(program), order, limitMs: 120_000 });
      const rate = /^rate (.*)$/m.exec(end.text)?.[1];
      if (rate === undefined) throw new Error(`${name} ${reasonOf(end)}`);
      its.push(Number(rate));
    }
  return rates;
}

function print(rates: ReadonlyMap<string, readonly number[]>): void {
  const [best = []] = rates.values();
  for (const [name, its] of rates) {
    const percents = its.map((rate, round) => (100 * rate) / (best[round] ?? NaN));
    const range = `${Math.round(Math.min(...percents))} to ${Math.round(Math.max(...percents))}`;
    console.log(`${name.padEnd(32)} ${Math.round(median(its))} a second, ${Math.round(median(percents))} % (${range})`);
  }
}

/** A Redis at REDIS_URL, or else one that is started on this port; `end` ends that one. */
function useRedis(port: number): { readonly url: string; readonly end: () => Promise<void> } {
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
