// Ends although it holds handles with ports of their own; a future of one that is awaited holds it as long as it takes.
import { getMainLoop, jobModule, WorkerLoop } from 'offloop';

const basic = jobModule<typeof import('../jobs/basic.js')>(new URL('../jobs/basic.js', import.meta.url));
const jobs = jobModule<typeof import('../jobs/handles.js')>(new URL('../jobs/handles.js', import.meta.url));

const a = new WorkerLoop({ daemon: true });
const nested = await a.run(jobs.nestedHandle());
await a.run(jobs.threadOf(getMainLoop()));
console.log('waits', await nested.run(basic.sleepFor(100)));
console.log('and here', await getMainLoop().run(basic.sleepFor(50)));
// One that nobody awaits anything of.
(await a.run(jobs.nestedHandle())).callSoonThreadsafe(basic.fib, 5);
console.log('idle');
