import { endingCases, faultyCases } from './cases-of-consumers.ts';
import { failingCases, plainCases } from './cases-of-messages.ts';
import { Bench } from './probe.ts';
import type { ConformanceCase, ConformanceOptions, SourceRig } from './rig.ts';

/**
 * The tests of what every source promises (see `Source`), for any test runner: each case has a name and a function, and wants a
 * queue of its own, which `makeRig` makes. Cases of faults that are not among the option `faults` are left out.
 *
 * @example
 * import { sourceConformance } from 'offloop/testing';
 * const cases = sourceConformance(() => {
 *   const queue = memoryQueue<number>();
 *   return {
 *     open: () => queue,
 *     put: (data) => queue.put(data),
 *     count: () => ({ waiting: queue.stats().waiting + queue.stats().delayed, dead: queue.stats().dead }),
 *     close: () => {},
 *   };
 * });
 * for (const { run } of cases.slice(0, 2)) await run(); // in a test file: for (const { name, run } of cases) test(name, run);
 */
export function sourceConformance(
  makeRig: () => SourceRig | PromiseLike<SourceRig>,
  options: ConformanceOptions = {},
): ConformanceCase[] {
  const { patienceMs = 10_000, faults = [] } = options;
  return [...plainCases, ...failingCases, ...endingCases, ...faultyCases]
    .filter(([, , ...needs]) => needs.every((need) => faults.includes(need)))
    .map(([name, check]) => ({
      name,
      run: async () => {
        const bench = new Bench(await makeRig(), patienceMs);
        try {
          await check(bench);
        } finally {
          await bench.end();
        }
      },
    }));
}
