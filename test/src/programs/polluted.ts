// Object.prototype is polluted with what Worker and the library take as options, before anything is made.
import { WorkerLoop } from 'offloop';

import { basic, place, say } from './lib.ts';

const pollution = {
  eval: true,
  env: { POLLUTED: 'yes' },
  execArgv: ['--import', 'data:text/javascript,process.exit(9)'],
  argv: ['polluted'],
  resourceLimits: { maxOldGenerationSizeMb: 1 },
  stdin: true,
  stdout: true,
  stderr: true,
  workerData: 'polluted',
  timeout: 1,
  transfer: [{}],
  maxQueue: 0,
  setup: 5,
  worker: 5,
  mode: 'terminate',
  graceMs: 0,
};
Object.assign(Object.prototype, pollution);
const loop = new WorkerLoop({ name: 'clean' });
const seen = {
  sum: await loop.run(basic.add(1, 1), {}),
  env: await loop.run(place.environment('POLLUTED')),
  execArgv: await loop.run(place.execArgv()),
  data: (await loop.run(place.data())) ?? null,
  inThread: await loop.run(place.prototypeKeys()),
  slept: await loop.run(basic.sleepFor(20), {}),
};
const last = loop.run(basic.sleepFor(30));
const closed = loop.close({});
const text = JSON.stringify({ ...seen, last: await last });
await closed;
for (const key of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, key);
say(text);
