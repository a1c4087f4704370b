import { LoopDelay } from '../../gateway/loop-delay.ts';
import type { Running } from '../contestant.ts';
import { CpuClock } from '../cpu-clock.ts';
import { median } from '../samples.ts';
import { mustBe, repeat, type Bench, type Workload } from '../workload.ts';

const asyncJobs = 1000;
const restMs = 10;
const slowJobs = 32;
const slowArg = 30;
const slowResult = 832_040;

export const manyAsync: Workload = {
  name: 'async-1000',
  title: `${asyncJobs.toLocaleString('en')} async jobs of ${restMs} ms called at once, one thread`,
  metrics: [
    { key: 'extra', title: 'ms above the same in main', better: 'less' },
    { key: 'wall', title: 'wall ms', better: 'less' },
    { key: 'mainCpu', title: 'main CPU µs/job', better: 'less' },
    { key: 'allCpu', title: 'all CPU µs/job', better: 'less' },
  ],
  run: async (bench) => {
    const inMain: number[] = [];
    await repeat(bench.budgetMs, async () => void inMain.push(await rests(bench.inThread)));
    const running = await bench.start(1);
    await repeat(bench.warmUpMs, async () => void (await rests(running)));
    const walls: number[] = [];
    const clock = new CpuClock();
    await repeat(bench.budgetMs, async () => void walls.push(await rests(running)));
    const wall = median(walls);
    return { wall, extra: wall - median(inMain), ...clock.perJob(walls.length * asyncJobs) };
  },
};

async function rests(running: Running): Promise<number> {
  const begin = performance.now();
  const calls = Array.from({ length: asyncJobs }, () => running.call('rest', restMs));
  for (const call of calls) mustBe(await call, restMs);
  return performance.now() - begin;
}

export const cpuBound: Workload = {
  name: 'fib',
  title: `fib(${slowArg}) × ${slowJobs} on two threads, against one after the other in main`,
  metrics: [
    { key: 'speedUp', title: 'speed-up', better: 'more' },
    { key: 'delay', title: 'main loop p99 ms', better: 'less' },
  ],
  run: async (bench) => {
    await repeat(bench.warmUpMs, async () => void (await fibs(bench.inThread, 4)));
    const inMain = await medianWall(bench, bench.inThread);
    const running = await bench.start(2);
    await repeat(bench.warmUpMs, async () => void (await fibs(running, slowJobs)));
    const delay = new LoopDelay();
    const wall = await medianWall(bench, running);
    return { speedUp: inMain / wall, delay: delay.stop().p99 };
  },
};

async function medianWall(bench: Bench, running: Running): Promise<number> {
  const walls: number[] = [];
  await repeat(bench.budgetMs, async () => void walls.push(await fibs(running, slowJobs)));
  return median(walls);
}

async function fibs(running: Running, count: number): Promise<number> {
  const begin = performance.now();
  const calls = Array.from({ length: count }, () => running.call('fib', slowArg));
  for (const call of calls) mustBe(await call, slowResult);
  return performance.now() - begin;
}

const failing = 256;

export const failures: Workload = {
  name: 'failures',
  title: `${failing} jobs in flight that throw an error with a code, all of them caught; one thread`,
  metrics: [
    { key: 'rate', title: 'thousand errors/s', better: 'more' },
    { key: 'mainCpu', title: 'main CPU µs/job', better: 'less' },
    { key: 'allCpu', title: 'all CPU µs/job', better: 'less' },
    { key: 'code', title: 'own properties kept %', better: 'more' },
  ],
  run: async (bench) => {
    const running = await bench.start(1);
    await repeat(bench.warmUpMs, async () => void (await fails(running)));
    const clock = new CpuClock();
    const begin = performance.now();
    let kept = 0;
    const jobs = failing * (await repeat(bench.budgetMs, async () => void (kept += await fails(running))));
    return { rate: jobs / (performance.now() - begin), ...clock.perJob(jobs), code: (kept / jobs) * 100 };
  },
};

/** How many errors came back with the properties that they were thrown with. */
async function fails(running: Running): Promise<number> {
  const calls = Array.from({ length: failing }, (_, n) =>
    Promise.resolve(running.call('fail', n)).then(
      () => undefined,
      (error: Error & { n?: number }) => error,
    ),
  );
  let kept = 0;
  for (const [n, error] of (await Promise.all(calls)).entries()) {
    mustBe(error?.message.includes(`no ${n}`), true);
    if (error?.n === n) kept++;
  }
  return kept;
}
