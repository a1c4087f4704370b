// A job that blocks its thread for ever, where the permission model keeps its owner from breaking into it.
import { jobModule, WorkerLoop } from 'offloop';

import { say, sharedWords } from './lib.ts';

const stuck = jobModule<typeof import('../jobs/stuck.js')>(new URL('../jobs/stuck.js', import.meta.url));
const loop = new WorkerLoop({ onUnhandled: 'ignore' });
const rung = loop
  .run(stuck.forever(sharedWords()), { timeout: 50 })
  .then(String, (error: { rung?: string }) => error.rung);
const code = loop.run(stuck.later(60_000)).then(String, (error: { code?: string }) => error.code);
say(`${await rung} ${await code}`);
