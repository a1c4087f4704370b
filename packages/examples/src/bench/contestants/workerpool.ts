import { fileURLToPath } from 'node:url';

import workerpool from 'workerpool';

import type { Running } from '../contestant.ts';

const guest = fileURLToPath(new URL('./workerpool-guest.js', import.meta.url));

export function start(threads: number): Running {
  const pool = workerpool.pool(guest, { workerType: 'thread', minWorkers: threads, maxWorkers: threads });
  return {
    call: (job, arg) => pool.exec(job, [arg]) as PromiseLike<unknown>,
    move: (buffer) => pool.exec('moved', [buffer], { transfer: [buffer] }) as PromiseLike<unknown>,
    close: () => pool.terminate() as PromiseLike<unknown>,
  };
}
