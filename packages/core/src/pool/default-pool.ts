import { LoopPool } from './loop-pool.ts';

/** The pool behind `await jobs.fib(40)`: one loop at first, more when calls have to wait. It takes what one loop took. */
export function makeDefaultPool(): LoopPool {
  return new LoopPool({ name: 'default', daemon: true, min: 1, maxQueue: 262_144 });
}
