// Daemon loops, idle or with work that nobody awaits; or with a future that is awaited. The argument says which.
import { WorkerLoop } from 'offloop';

import { basic, say, shared, sharedWords, reported } from './lib.ts';

const what = process.argv[2];
const loops = [new WorkerLoop({ daemon: true }), new WorkerLoop({ daemon: true })] as const;
await Promise.all(loops.map((loop) => loop.run(basic.add(1, 1))));
const words = sharedWords();

if (what === 'ticking') await loops[0].run(shared.startTicking(words));
if (what === 'working') {
  loops[0].run(shared.never(words));
  loops[1].run(shared.spin(words));
  loops[0].callLaterThreadsafe(1e7, basic.add, 1, 1);
  await reported(words);
}
if (what === 'callback') loops[0].run(basic.sleepFor(1e7)).addDoneCallback(() => say('never'));
if (what === 'starting') new WorkerLoop({ daemon: true }).callSoonThreadsafe(basic.add, 1, 1);
if (what === 'many starting') for (let i = 0; i < 8; i++) new WorkerLoop({ daemon: true }).ref().unref();
if (what === 'awaited') {
  void loops[0].run(basic.sleepFor(400)).then((ms) => say(`slept ${ms}`));
}
if (what === 'stream') {
  void (async () => {
    for await (const i of loops[0].run(basic.countTo(3))) say(`item ${i}`);
  })();
}
if (what === 'unref') new WorkerLoop().unref();
// This timer fires only where something else holds the process.
if (what === 'ref')
  setTimeout(() => {
    held.unref();
    say('let go');
  }, 300).unref();
const held = what === 'ref' ? loops[0].ref() : loops[0];
say('main ends');
