// A job whose effect can be counted: a line in a file, which is there also when its process is killed right after.
import { appendFileSync } from 'node:fs';

import { sleep } from 'offloop';

export async function note(file: string, n: number, ms: number): Promise<void> {
  await sleep(ms);
  appendFileSync(file, `${n}\n`);
}
