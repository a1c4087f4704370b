import { sleep } from 'offloop';

import { second } from '../support/clock.ts';

export { ready } from './ready.ts';

/** What is done with one message of a queue. */
export async function doSomeWork(x: number): Promise<void> {
  console.log(`Waiting ${x}`);
  await sleep(x * second);
  console.log(`Done ${x}`);
}
