import { CpuClock } from '../cpu-clock.ts';
import type { Running } from '../contestant.ts';
import { Samples } from '../samples.ts';
import { mustBe, repeat, type Metric, type Workload } from '../workload.ts';

const pendingCalls = 50;
const pendingMs = 20;

const percentiles: readonly Metric[] = [
  { key: 'p50', title: 'p50 µs', better: 'less' },
  { key: 'p99', title: 'p99 µs', better: 'less' },
];

export const oneAtATime: Workload = {
  name: 'one-at-a-time',
  title: 'A tiny job, awaited before the next one is called; one thread',
  metrics: [
    ...percentiles,
    { key: 'mainCpu', title: 'main CPU µs/job', better: 'less' },
    { key: 'allCpu', title: 'all CPU µs/job', better: 'less' },
  ],
  run: async (bench) => {
    const running = await bench.start(1);
    await repeat(bench.warmUpMs, () => oneCall(running));
    const clock = new CpuClock();
    const samples = await measured(running, bench.budgetMs);
    const cpu = clock.perJob(samples.count);
    return { ...percentilesOf(samples), ...cpu };
  },
};

export const whilePending: Workload = {
  name: 'while-pending',
  title: `The same while ${pendingCalls} async jobs of ${pendingMs} ms are kept pending on the thread; each is replaced when it ends`,
  metrics: percentiles,
  run: async (bench) => {
    const running = await bench.start(1);
    const over = new AbortController();
    const keepPending = async (): Promise<void> => {
      while (!over.signal.aborted) mustBe(await running.call('rest', pendingMs), pendingMs);
    };
    const pending = Promise.all(Array.from({ length: pendingCalls }, keepPending));
    await repeat(bench.warmUpMs, () => oneCall(running));
    const samples = await measured(running, 2 * bench.budgetMs);
    over.abort();
    await pending;
    return percentilesOf(samples);
  },
};

async function oneCall(running: Running): Promise<void> {
  mustBe(await running.call('inc', 1), 2);
}

/** Single calls, one after the other. */
async function measured(running: Running, budgetMs: number): Promise<Samples> {
  const samples = new Samples();
  const end = performance.now() + budgetMs;
  for (let before = performance.now(); before < end && !samples.isFull;) {
    mustBe(await running.call('inc', samples.count), samples.count + 1);
    const after = performance.now();
    samples.add(after - before);
    before = after;
  }
  return samples;
}

/** In microseconds. */
function percentilesOf(samples: Samples): { readonly p50: number; readonly p99: number } {
  return { p50: samples.percentile(50) * 1000, p99: samples.percentile(99) * 1000 };
}
