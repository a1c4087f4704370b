// The same in a module that follows tasks, because it imports offloop.
import { checkCancelled } from 'offloop';

export { armTimersForever, contexts, count, forever, foreverInside, later } from './stuck.js';

/** Word 1 tells that its finally has run. */
export function untilCancelled(words: Int32Array): never {
  try {
    for (;;) checkCancelled();
  } finally {
    Atomics.store(words, 1, 1);
  }
}
