import { LoopPool, move } from 'offloop';

import type { Running } from '../contestant.ts';
import { guest, referenceOf } from './offloop.ts';

/** The pool chooses the loop. */
export async function start(threads: number): Promise<Running> {
  const pool = new LoopPool({ size: threads, maxQueue: Infinity });
  await pool.broadcast(referenceOf('echo')(0));
  return {
    call: (job, arg) => pool.run(referenceOf(job)(arg)),
    move: (buffer) => pool.run(guest.moved(move(buffer))),
    close: () => pool.close(),
  };
}
