// The jobs, and those that can be told of a cancel: by an await of offloop's, or by asking.
import { checkCancelled, sleep } from 'offloop';

import { count } from '../jobs.ts';

export * from '../jobs.ts';

export async function restLong(words: Int32Array): Promise<void> {
  count(words);
  await sleep(10_000);
}

export function spinPolitely(words: Int32Array): void {
  count(words);
  const end = performance.now() + 6000;
  while (performance.now() < end) checkCancelled();
}
