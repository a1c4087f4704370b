import { MessageChannel } from 'node:worker_threads';

import { intrinsics } from '../base/intrinsics.ts';

/*
 *   idle ── again: a message to oneself ──► posted ── it arrives ──► idle, and runs what was booked before
 *                                                                      │ broken off in the middle: posts for the rest
 *                                                                      ▼
 *                                                                    posted
 */
/**
 * Turns that are entered through a message to oneself: jobs then always start in a port's callback, the one place where
 * a blocking job can be broken into without harm to others. A message costs as much as a small job, so there is one for all
 * that is booked for the same turn.
 */
export class PortTurns {
  readonly #post: (message: number) => void;
  readonly #booked: (() => void)[] = [];
  #isPosted = false;
  #later: (() => void)[] = [];

  constructor() {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', () => this.#run());
    port1.unref();
    this.#post = port2.postMessage.bind(port2);
  }

  /** Call `fn` after the microtasks of this callback. */
  readonly again = (fn: () => void): void => {
    this.#booked.push(fn);
    this.#needPost();
  };

  /** Call `fn` after timers and sockets had their turn. */
  readonly nextTurn = (fn: () => void): void => {
    if (this.#later.push(fn) === 1) intrinsics.setImmediate(this.#bookLater);
  };

  /** What runs now is stopped, and the rest of its turn with it: that comes in another. */
  broken(): void {
    if (this.#booked.length > 0) this.#needPost();
  }

  readonly #bookLater = (): void => {
    const later = this.#later;
    this.#later = [];
    for (const each of later) this.again(each);
  };

  #needPost(): void {
    if (this.#isPosted) return;
    this.#isPosted = true;
    this.#post(0);
  }

  #run(): void {
    this.#isPosted = false;
    try {
      for (let left = this.#booked.length; left > 0; left--) this.#booked.shift()?.();
    } finally {
      this.broken();
    }
  }
}
