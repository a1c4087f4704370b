// S26: the tutorial asks how an exception in the child thread can be raised in the main one. Awaited, it is thrown where
// it is awaited; what nobody awaits is the loop's 'error' event, in the main thread. Neither thread ends of it.
import { jobModule, WorkerLoop } from 'offloop';

import { NoSuchTaskError } from './jobs/failing.ts';

const jobs = jobModule<typeof import('./jobs/one-loop.ts')>(new URL('./jobs/one-loop.js', import.meta.url));
const failing = jobModule<typeof import('./jobs/failing.ts')>(new URL('./jobs/failing.js', import.meta.url));

/** The next error of the loop that nobody awaits. Without a listener it would be thrown here, as everywhere in Node. */
function nextError(from: WorkerLoop): Promise<string> {
  return new Promise((resolve) =>
    from.once('error', (error, { origin, job }) => resolve(`${String(error)}, from the ${origin} ${job}()`)),
  );
}

await using loop = new WorkerLoop();
try {
  await loop.run(failing.fail(1));
} catch (error) {
  if (!(error instanceof NoSuchTaskError)) throw error;
  console.log('Caught: ', String(error), error.code);
  const stack = error.stack ?? '';
  console.log(
    'Its stack shows the job: ',
    /failing\.[jt]s/.test(stack),
    'and who awaited it: ',
    /s26-exceptions\.[jt]s/.test(stack),
  );
}

let told = nextError(loop);
void loop.run(failing.fail(2));
console.log('Error event: ', await told);

told = nextError(loop);
loop.callSoonThreadsafe(failing.fail, 3);
console.log('Error event: ', await told);

console.log('Task ret: ', await loop.run(jobs.doSomeWork(1)));

// Where one such error is one too many: the first cancels everything on the loop, and `closed` tells which it was.
const strict = new WorkerLoop({ failFast: true, onUnhandled: 'ignore' });
strict.callSoonThreadsafe(failing.fail, 4);
await strict.closed.catch((error: unknown) => console.log('Closed by: ', String(error)));
