// S23: what the tutorial found no way to do: Ctrl-C ends the program and its second thread, and loses nothing. The first
// signal stops the intake, run() lets the loop finish what it has, and closes it. A second one would end it at once.
import { jobModule, run, runCoroutineThreadsafe, WorkerLoop } from 'offloop';

import { pressCtrlC } from './support/ctrl-c.ts';
import { MemorySource } from './support/memory-source.ts';

const jobs = jobModule<typeof import('./jobs/messages.ts')>(new URL('./jobs/messages.js', import.meta.url));

const source = new MemorySource();
source.push(1, 5);

async function main(signal: AbortSignal): Promise<void> {
  const loop = new WorkerLoop();
  for (let x = await source.next(signal); x !== undefined; x = await source.next(signal)) {
    const future = runCoroutineThreadsafe(jobs.doSomeWork(x), loop);
    // With nobody at the keyboard, the program presses Ctrl-C itself, when the first message is done and the other is not.
    if (x === 1) future.addDoneCallback(pressCtrlC);
  }
  console.log('No more messages are taken');
  source.push(3);
}

await run(main, { signals: ['SIGINT', 'SIGTERM'], onSignal: 'drain', graceMs: 10_000 });
console.log('The loop is closed');
