// A proxy and a callback that were handed out keep no process alive; a call that waits for its answer does.
import { jobModule, WorkerLoop } from 'offloop';
import { proxy, remote } from 'offloop/comlink';

const objects = jobModule<typeof import('../jobs/objects.js')>(new URL('../jobs/objects.js', import.meta.url));
const loop = new WorkerLoop({ daemon: true });
const counter = await remote(loop, objects.counter());
await counter.each(
  2,
  proxy((n: number) => console.log(n)),
);
console.log('ends');
