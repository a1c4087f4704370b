// Its thread ignores even its termination; the process ends with an exit code of its own all the same.
import { jobModule, WorkerLoop } from 'offloop';

import { reported, say, sharedWords } from './lib.ts';

const lost = jobModule<typeof import('../jobs/lost.js')>(new URL('../jobs/lost.js', import.meta.url));
const loop = new WorkerLoop({ onUnhandled: 'ignore' });
await loop.run(lost.count());
const words = sharedWords();
const stuck = loop.run(lost.blockOutsideOfJavaScript(words, 5));
stuck.catch(() => {});
await reported(words);
await loop.close({ mode: 'terminate' }).catch(() => {});
process.exitCode = 7;
say('end');
