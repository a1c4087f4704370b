// S19: Ctrl-C with a nested main. A cancel goes down to what main awaits: to its three children, which in asyncio must be
// fetched from the list of all tasks.
import { allTasks, CancelledError, createTask, gather, getRunningLoop, run, wait } from 'offloop';

import { doSomeWork } from './jobs/one-loop.ts';
import { stopwatch } from './support/clock.ts';
import { pressCtrlC } from './support/ctrl-c.ts';

async function main(): Promise<void> {
  const children = [1, 2, 2].map((x) => createTask(() => doSomeWork(x)));
  // Nobody awaits this one, so no cancel comes down to it.
  const stray = createTask(() => doSomeWork(4), { name: 'stray' });
  // By the next turn of the loop all have begun. With nobody at the keyboard, the program presses Ctrl-C itself.
  getRunningLoop().callSoon(pressCtrlC);
  try {
    await gather(children);
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    await wait(children);
    console.log(children.map((task) => task.state));
    console.log(
      'Still there: ',
      [...allTasks()].map((task) => `${task.name} ${task.state}`),
    );
    console.log(gather([...allTasks()]).cancel());
    await wait([stray]);
    console.log('stray', stray.state);
  }
}

const time = stopwatch();
await run(main, { signals: ['SIGINT'] });
console.log('TIME: ', time());
