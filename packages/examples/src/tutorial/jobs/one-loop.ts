// The jobs of part A. Plain functions: they run in a worker loop, and just as well in this thread.
import { sleep } from 'offloop';

import { second } from '../support/clock.ts';

export { ready } from './ready.ts';

/** The work before the tutorial gives it something to wait for. */
export function sayWaiting(x: number): void {
  console.log('Waiting: ', x);
}

export async function doSomeWork(x: number): Promise<string> {
  console.log('Waiting: ', x);
  await sleep(x * second);
  return `Done after ${x}s`;
}
