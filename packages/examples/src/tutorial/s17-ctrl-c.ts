// S17: Ctrl-C while three tasks run. The first one cancels main, which looks at what there is, and cancels it.
import { allTasks, CancelledError, createTask, getRunningLoop, run, wait } from 'offloop';

import { doSomeWork } from './jobs/one-loop.ts';
import { stopwatch } from './support/clock.ts';
import { pressCtrlC } from './support/ctrl-c.ts';

async function main(): Promise<void> {
  const tasks = [1, 2, 2].map((x, i) => {
    const work = (): Promise<string> => doSomeWork(x);
    return createTask(work, { name: `work-${i + 1}` });
  });
  // By the next turn of the loop all three have begun. With nobody at the keyboard, the program presses Ctrl-C itself.
  getRunningLoop().callSoon(pressCtrlC);
  try {
    await wait(tasks);
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    console.log(allTasks());
    for (const task of allTasks()) console.log(task.cancel());
    // Asked is not ended: each may have something to clean up.
    await wait(tasks);
    console.log(tasks.map((task) => task.state));
  }
}

const time = stopwatch();
await run(main, { signals: ['SIGINT'] });
console.log('TIME: ', time());
