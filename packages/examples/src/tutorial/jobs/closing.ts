import { CancelledError, sleep } from 'offloop';

import { second } from '../support/clock.ts';

export { ready } from './ready.ts';

export async function carefulWork(x: number): Promise<string> {
  console.log('Waiting: ', x);
  try {
    await sleep(x * second);
    return `Done after ${x}s`;
  } finally {
    console.log('Cleaned up: ', x);
  }
}

/** Danger: it swallows every cancel, so that only the end of its thread stops it. */
export async function stubbornWork(): Promise<never> {
  for (;;) {
    try {
      await sleep(60 * second);
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
    }
  }
}
