import { setTimeout as sleep } from 'node:timers/promises';

import { CpuClock } from '../cpu-clock.ts';
import { batch, type Workload } from '../workload.ts';

const moreThreads = 4;
const idleMs = 2000;
/** Whoever spins or polls after work has this long to come to rest. */
const restMs = 200;

export const startUp: Workload = {
  name: 'start-up',
  title: 'From nothing to the first result of one thread, and what a thread weighs',
  metrics: [
    { key: 'first', title: 'start to first result ms', better: 'less' },
    { key: 'import', title: 'import ms', better: 'less' },
    { key: 'memory', title: 'MB a thread', better: 'less' },
  ],
  run: async (bench) => {
    const begin = performance.now();
    await batch(await bench.start(1), 1);
    const first = performance.now() - begin;
    const before = process.memoryUsage.rss();
    // One by one: a pool of four would start the fourth only when there is work for it.
    for (let i = 0; i < moreThreads; i++) await batch(await bench.start(1), 1);
    const memory = (process.memoryUsage.rss() - before) / moreThreads / 2 ** 20;
    return { first, import: bench.importMs, memory };
  },
};

export const idle: Workload = {
  name: 'idle',
  title: `Nothing in flight for ${idleMs / 1000} s, after work; one thread`,
  metrics: [
    { key: 'cpu', title: 'CPU ms/s', better: 'less' },
    { key: 'wakeUps', title: 'context switches/s', better: 'less' },
  ],
  run: async (bench) => {
    const running = await bench.start(1);
    for (let i = 0; i < 10; i++) await batch(running, 100);
    await sleep(restMs);
    const switchesBefore = process.resourceUsage().voluntaryContextSwitches;
    const clock = new CpuClock();
    const begin = performance.now();
    await sleep(idleMs);
    const seconds = (performance.now() - begin) / 1000;
    const switches = process.resourceUsage().voluntaryContextSwitches - switchesBefore;
    return { cpu: clock.elapsed().all / seconds, wakeUps: switches / seconds };
  },
};
