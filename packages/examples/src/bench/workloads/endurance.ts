import { memory, type Memory } from '../memory.ts';
import { batch, type Workload } from '../workload.ts';

const jobs = 10_000_000;
const atOnce = 4096;
/** What grows until then is code, caches and the heap finding its size. */
const settledAfter = jobs / 10;
/** Whoever is slower does fewer: so many times the usual time, which stays below the limit of a run. */
const longer = 50;

export const endurance: Workload = {
  name: 'endurance',
  title: `${jobs.toLocaleString('en')} tiny jobs, ${atOnce.toLocaleString('en')} in flight (or as many as ${longer} times the usual time allows): what memory grows by after the first million`,
  metrics: [
    { key: 'heap', title: 'heap MB', better: 'less' },
    { key: 'rss', title: 'resident MB', better: 'less' },
    { key: 'jobs', title: 'million jobs', better: 'more' },
  ],
  run: async (bench) => {
    const running = await bench.start(1);
    const end = performance.now() + bench.budgetMs * longer;
    let before: Memory | undefined;
    let done = 0;
    while (done < jobs && performance.now() < end) {
      await batch(running, atOnce);
      done += atOnce;
      if (before === undefined && done >= settledAfter) before = memory();
    }
    if (before === undefined) return { jobs: done / 1e6 };
    const after = memory();
    return { heap: after.heap - before.heap, rss: after.rss - before.rss, jobs: done / 1e6 };
  },
};
