// A job that blocks its thread for ever, where the permission model keeps its owner from breaking into it.
import { jobModule, WorkerLoop } from 'offloop';

import { say, sharedWords } from './lib.ts';

const stuck = jobModule<typeof import('../jobs/stuck.js')>(new URL('../jobs/stuck.js', import.meta.url));
const loop = new WorkerLoop({ onUnhandled: 'ignore' });
const told = async (work: PromiseLike<unknown>, key: 'rung' | 'code'): Promise<string> => {
  try {
    return String(await work);
  } catch (error) {
    return String((error as Record<string, unknown>)[key]);
  }
};
const rung = told(loop.run(stuck.forever(sharedWords()), { timeout: 50 }), 'rung');
const code = told(loop.run(stuck.later(60_000)), 'code');
say(`${await rung} ${await code}`);
