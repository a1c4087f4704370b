// The jobs of part B: they run in another thread.
import { sleep } from 'offloop';

import { block, second } from '../support/clock.ts';

export { ready } from './ready.ts';
export { block };

/** Blocks its loop, and no other. */
export function moreWork(x: number): void {
  console.log(`More work ${x}`);
  block(x);
  console.log(`Finished more work ${x}`);
}

export async function pause(x: number): Promise<void> {
  await sleep(x * second);
}

export async function doSomeWork(x: number): Promise<void> {
  console.log(`Waiting ${x}`);
  await sleep(x * second);
  console.log(`Done after ${x}s`);
}

export async function workWithFinally(x: number): Promise<void> {
  console.log(`Waiting ${x}`);
  try {
    await sleep(x * second);
    console.log(`Done after ${x}s`);
  } finally {
    console.log(`Cleaned up ${x}`);
  }
}
