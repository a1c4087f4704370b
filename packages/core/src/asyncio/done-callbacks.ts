import { AsyncResource } from 'node:async_hooks';

import { intrinsics } from '../base/intrinsics.ts';
import { throwUncaught } from '../base/stacks.ts';

/** A callback, and the same with the async context of where it was added. */
interface BoundCallback<F> {
  readonly callback: (future: F) => void;
  readonly call: (future: F) => void;
}

/** The done callbacks of one future: called once, in the order added, each in a microtask and in the context of its caller. */
export class DoneCallbacks<F> {
  #bound: BoundCallback<F>[] = [];

  get names(): string[] {
    return this.#bound.map(({ callback }) => callback.name || '(anonymous)');
  }

  add(callback: (future: F) => void): void {
    this.#bound.push({ callback, call: AsyncResource.bind(callback) });
  }

  /** Remove every occurrence; returns how many there were. */
  remove(callback: (future: F) => void): number {
    const before = this.#bound.length;
    this.#bound = this.#bound.filter((each) => each.callback !== callback);
    return before - this.#bound.length;
  }

  /** Call all that were added, soon. What one throws is an uncaught exception and does not stop the others. */
  callSoon(future: F): void {
    for (const { call } of this.#bound.splice(0)) {
      intrinsics.queueMicrotask(() => {
        try {
          call(future);
        } catch (error) {
          throwUncaught(error);
        }
      });
    }
  }
}
