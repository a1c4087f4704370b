// The main loop is blocked for a second while its jobs go on; nothing of them may be lost, and their order holds.
import { WorkerLoop } from 'offloop';

import { basic, faulty, say, shared } from './lib.ts';

await using loop = new WorkerLoop({ onUnhandled: 'ignore' });
const list = new Int32Array(new SharedArrayBuffer(4 * 2100));
await loop.run(basic.add(1, 1));
const futures = Array.from({ length: 1000 }, (_, n) => loop.run(shared.append(list, n)));
const failing = loop.run(faulty.failAsync('meanwhile'));
const stream = loop.run(basic.countTo(500));
const sleeping = loop.run(basic.sleepFor(100), { timeout: 700 });
await Promise.resolve();
const nothing = new Int32Array(new SharedArrayBuffer(4));
Atomics.wait(nothing, 0, 0, 1000);
// A machine that stands still holds up the jobs, too.
for (let tries = 0; tries < 50 && Atomics.load(list, 0) < 1000; tries++) Atomics.wait(nothing, 0, 0, 100);
const during = Atomics.load(list, 0);
await Promise.all(futures);
let items = 0;
for await (const item of stream) items += item - item + 1;
const failure = await failing.catch((error: unknown) => (error as Error).message);
const inOrder = [...list.subarray(1, 1001)].every((n, index) => n === index);
say(
  JSON.stringify({
    during,
    inOrder,
    items,
    failure,
    slept: await sleeping.catch((error: unknown) => (error as Error).name),
  }),
);
