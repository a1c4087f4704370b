// A profile where the permission model closes the inspector.
import { jobModule, WorkerLoop } from 'offloop';

import { say } from './lib.ts';

const stuck = jobModule<typeof import('../jobs/stuck.js')>(new URL('../jobs/stuck.js', import.meta.url));
const loop = new WorkerLoop({ name: 'closed-in' });
await loop.run(stuck.count());
await loop.profile(10).catch((error: { code: string; message: string }) => say(`${error.code} ${error.message}`));
await loop.close();
