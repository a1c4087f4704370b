// A soak, started by `npm run soak`: users that do all kinds of things to a pool and to loops for minutes, killers among them. In
// windows, with nothing under way between two of them, where memory is measured. Then all is closed, and nothing may be left.
import { getEventListeners } from 'node:events';

import { optionsOrTold } from '../bench/command-line.ts';
import { memory, type Memory } from '../bench/memory.ts';
import { actions } from './actions.ts';
import { newHandles, Threads } from './leftovers.ts';
import { readOptions, usage, type Options } from './options.ts';
import { Random } from './random.ts';
import { checksOf, reportLines } from './report.ts';
import { Stage } from './stage.ts';

const users = 12;
/** At most: a window lasts until all that was begun in it has ended. */
const windows = 20;
/** How long the process may take to end by itself when all is closed. */
const endMs = 5000;

const options = optionsOrTold('npm run soak --', usage, () => readOptions(process.argv.slice(2)));
if (options !== undefined) await soak(options);

async function soak({ minutes, seed }: Options): Promise<void> {
  console.log(`${minutes} minutes with seed ${seed} on Node ${process.version}`);
  const before = process.getActiveResourcesInfo();
  const threads = new Threads();
  const stage = new Stage(new Random(seed));
  const measured: Memory[] = [];
  const begin = performance.now();
  const totalMs = minutes * 60_000;
  for (let left = totalMs; left > 0; left = begin + totalMs - performance.now()) {
    const end = performance.now() + Math.min(left, totalMs / windows);
    await Promise.all(Array.from({ length: users }, () => use(stage, end)));
    measured.push(memory());
    console.error(windowLine(stage, threads, measured));
  }
  await stage.close();
  // What is closed is told in the next turns.
  await new Promise((resolve) => void setTimeout(resolve, 100));
  const checks = checksOf(stage, {
    windows: measured,
    isLong: minutes >= 1,
    threadsMade: threads.made,
    threadsLeft: threads.alive,
    handlesLeft: newHandles(before),
    listenersLeft: getEventListeners(stage.signal, 'abort').length,
  });
  console.log(reportLines(stage, checks).join('\n'));
  if (checks.some(({ isKept }) => !isKept)) process.exitCode = 1;
  setTimeout(() => {
    console.error(`FAILED  the process does not end: ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit(1);
  }, endMs).unref();
}

function windowLine({ ledger }: Stage, { made, alive }: Threads, measured: readonly Memory[]): string {
  const { given, unsettled, wrongs } = ledger;
  const { heap = NaN, rss = NaN } = measured.at(-1) ?? {};
  return [
    `window ${measured.length}: ${given} futures, ${unsettled} not settled, ${wrongs} wrong`,
    `${made} threads made, ${alive} alive`,
    `heap ${heap.toFixed(1)} MB, resident ${rss.toFixed(0)} MB`,
  ].join('; ');
}

/** One after the other, until the time is over. */
async function use(stage: Stage, end: number): Promise<void> {
  while (performance.now() < end) await stage.random.weighted(actions).run(stage);
}
