import { CpuClock } from '../cpu-clock.ts';
import { batch, repeat, type Workload } from '../workload.ts';

/** More are not called at once to warm up: the slowest need seconds for the largest batch. */
const warmUpBatch = 4096;

/** `count` tiny jobs called in one tick, all awaited, and again. */
function flight(count: number, threads: 1 | 2): Workload {
  return {
    name: `flight-${count}${threads === 2 ? '-two' : ''}`,
    title: `${count.toLocaleString('en')} tiny jobs in flight, ${threads === 2 ? 'two threads' : 'one thread'}`,
    metrics: [
      { key: 'rate', title: 'thousand jobs/s', better: 'more' },
      { key: 'mainCpu', title: 'main CPU µs/job', better: 'less' },
      { key: 'allCpu', title: 'all CPU µs/job', better: 'less' },
    ],
    run: async (bench) => {
      const running = await bench.start(threads);
      await repeat(bench.warmUpMs, () => batch(running, Math.min(count, warmUpBatch)));
      const clock = new CpuClock();
      const begin = performance.now();
      const jobs = count * (await repeat(bench.budgetMs, () => batch(running, count)));
      const ms = performance.now() - begin;
      return { rate: jobs / ms, ...clock.perJob(jobs) };
    },
  };
}

export const flights: readonly Workload[] = ([1, 2] as const).flatMap((threads) =>
  [16, 256, 4096, 100_000].map((count) => flight(count, threads)),
);
