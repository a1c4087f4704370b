// Ends while a job blocks its daemon loop: in a loop of JavaScript that Node 24 and 26 cannot terminate, or outside of it.
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jobModule, WorkerLoop } from 'offloop';

import { say } from './lib.ts';

const lost = jobModule<typeof import('../jobs/lost.js')>(new URL('../jobs/lost.js', import.meta.url));
const [how, end] = process.argv.slice(2);
const loop = new WorkerLoop({ daemon: true });
const begun = join(mkdtempSync(join(tmpdir(), 'offloop-blocked-')), 'begun');
loop.run(how === 'loop' ? lost.allocateForever(begun) : lost.blockOutsideOfJavaScript(begun, 20));
process.on('exit', () => say('listener'));
while (!existsSync(begun)) await new Promise((resolve) => void setTimeout(resolve, 1));
say('ending');
process.exitCode = 7;
if (end === 'exit') process.exit();
if (end === 'throw') {
  process.exitCode = undefined;
  throw new Error('nobody catches this');
}
