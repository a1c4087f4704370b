// What the programs share: job references, and a line on stdout that has left the process when the call returns.
import { writeSync } from 'node:fs';

import { jobModule } from 'offloop';

const at = (name: string): URL => new URL(`../jobs/${name}.js`, import.meta.url);

export const basic = jobModule<typeof import('../jobs/basic.js')>(at('basic'));
export const shared = jobModule<typeof import('../jobs/shared.js')>(at('shared'));
export const faulty = jobModule<typeof import('../jobs/faulty.js')>(at('faulty'));
export const place = jobModule<typeof import('../jobs/place.js')>(at('place'));

export function say(line: string): void {
  writeSync(1, `${line}\n`);
}

export function sharedWords(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(16));
}

export async function reported(words: Int32Array): Promise<void> {
  while (Atomics.load(words, 0) === 0) await new Promise((resolve) => void setTimeout(resolve, 1));
}
