// Prints the Node options of two threads: one without options of its own, one with.
import { WorkerLoop } from 'offloop';

import { place, say } from './lib.ts';

await using plain = new WorkerLoop();
await using more = new WorkerLoop({ execArgv: ['--no-warnings'] });
say(JSON.stringify([await plain.run(place.execArgv()), await more.run(place.execArgv())]));
