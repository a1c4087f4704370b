import type { Running } from '../contestant.ts';
import { Samples } from '../samples.ts';
import { batch, repeat, type Workload } from '../workload.ts';

const calls = 100_000;

export const stall: Workload = {
  name: 'stall',
  title: `${calls.toLocaleString('en')} tiny jobs called in one tick, one thread: how long the main loop stands still while the replies arrive`,
  metrics: [
    { key: 'longest', title: 'longest turn ms', better: 'less' },
    { key: 'p90', title: 'p90 of turns with replies, ms', better: 'less' },
    { key: 'submit', title: 'the calls themselves ms', better: 'less' },
  ],
  run: async (bench) => {
    const running = await bench.start(1);
    await repeat(bench.warmUpMs, () => batch(running, 4096));
    return flood(running);
  },
};

/** One flood. A turn is the time between two immediates; those in which nothing arrived are no stall and do not count. */
async function flood(running: Running): Promise<Readonly<Record<string, number>>> {
  const turns = new Samples(2 * calls);
  let wrong = 0;
  let arrived = 0;
  let arrivedBefore = 0;
  let lastTurn = 0;
  const endTurn = (): void => {
    const now = performance.now();
    if (arrived > arrivedBefore) turns.add(now - lastTurn);
    arrivedBefore = arrived;
    lastTurn = now;
  };
  const submit = await new Promise<number>((resolve, reject) => {
    let submitMs = 0;
    const onResult = (result: unknown): void => {
      // The results may come in any order: their sum is checked below.
      wrong += result as number;
      if (++arrived === calls) resolve(submitMs);
    };
    const begin = performance.now();
    for (let i = 0; i < calls; i++) running.call('inc', i).then(onResult, reject);
    submitMs = performance.now() - begin;
    lastTurn = performance.now();
    const onTurn = (): void => {
      endTurn();
      if (arrived < calls) setImmediate(onTurn);
    };
    setImmediate(onTurn);
  });
  // The last replies may have come in a turn that no immediate has ended yet.
  endTurn();
  wrong -= (calls * (calls + 1)) / 2;
  if (wrong !== 0) throw new Error(`wrong results: their sum differs by ${wrong}`);
  return { longest: turns.percentile(100), p90: turns.percentile(90), submit };
}
