import { fileURLToPath } from 'node:url';

import { FixedThreadPool } from 'poolifier';

import type { Running } from '../contestant.ts';

const guest = fileURLToPath(new URL('./poolifier-guest.js', import.meta.url));

/** No `move`: a result cannot be moved, so that one way would be a copy. */
export function start(threads: number): Running {
  const pool = new FixedThreadPool(threads, guest, {
    enableEvents: false,
    errorHandler: (error) => {
      throw error;
    },
  });
  return {
    call: (job, arg) => pool.execute(arg, job),
    close: () => pool.destroy(),
  };
}
