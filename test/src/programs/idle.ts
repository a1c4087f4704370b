// Loops that have worked and now have nothing to do, for five seconds. Prints the share of a core that the process used.
import { WorkerLoop } from 'offloop';

import { basic, say } from './lib.ts';

const loops = [new WorkerLoop({ daemon: true }), new WorkerLoop({ daemon: true }), new WorkerLoop()];
await Promise.all(loops.map((loop) => loop.run(basic.fib(15))));
await Promise.all(loops.map((loop) => loop.run(basic.sleepFor(200))));
const before = process.cpuUsage();
const begun = process.hrtime.bigint();
setTimeout(() => {
  const { user, system } = process.cpuUsage(before);
  say(String((user + system) / (Number(process.hrtime.bigint() - begun) / 1000)));
  void loops[2]?.close();
}, 5000);
