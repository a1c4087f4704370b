// Its thread ignores even its termination; the process ends with an exit code of its own all the same.
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jobModule, WorkerLoop } from 'offloop';

import { say } from './lib.ts';

const lost = jobModule<typeof import('../jobs/lost.js')>(new URL('../jobs/lost.js', import.meta.url));
const loop = new WorkerLoop({ onUnhandled: 'ignore' });
const begun = join(mkdtempSync(join(tmpdir(), 'offloop-lost-')), 'begun');
loop.run(lost.blockOutsideOfJavaScript(begun, 20)).catch(() => {});
while (!existsSync(begun)) await new Promise((resolve) => void setTimeout(resolve, 1));
await loop.close({ mode: 'terminate' }).catch(() => {});
process.exitCode = 7;
say('end');
