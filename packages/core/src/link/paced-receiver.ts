import type { Clock } from '../base/clock.ts';
import { RingBuffer } from '../base/ring-buffer.ts';
import { recordsIn } from './batch.ts';
import type { Receiver } from './transport.ts';

/** Milliseconds of one turn of the event loop for messages, or records, that have piled up. */
export const sliceMs = 0.5;

/** And records in one slice: what their promises lead to comes after it, where the clock of the slice does not run. */
export const mostRecords = 1024;

/** Stands in the queue for a message that could not be put together. */
const unreadable: unique symbol = Symbol('unreadable message');

/**
 * Hands messages on in slices. A MessagePort delivers all that has piled up in one callback, which would keep a caller's
 * loop from everything else for as long as a flood of replies lasts; so what is left after half a millisecond waits for the
 * next turn, in order.
 */
export class PacedReceiver implements Receiver {
  readonly #next: Receiver;
  readonly #clock: Clock;
  readonly #nextTurn: (fn: () => void) => void;
  readonly #waiting = new RingBuffer<unknown>();
  /** When this turn has had its share; undefined before its first message. */
  #turnEnds: number | undefined;
  /** Records that this turn may still hand on. */
  #left = 0;
  readonly #newTurn = (): void => {
    this.#turnEnds = undefined;
    if (this.#waiting.size > 0) this.#work();
  };

  constructor(next: Receiver, clock: Clock, nextTurn: (fn: () => void) => void) {
    this.#next = next;
    this.#clock = clock;
    this.#nextTurn = nextTurn;
  }

  message(data: unknown): void {
    this.#waiting.push(data);
    this.#work();
  }

  messageError(): void {
    this.message(unreadable);
  }

  /** Hand on everything that waits, now. */
  finish(): void {
    while (this.#waiting.size > 0) this.#handOn();
  }

  /** All messages of one turn share its half millisecond; what is left then waits for the next one. */
  #work(): void {
    if (this.#turnEnds === undefined) {
      this.#turnEnds = this.#clock.now() + sliceMs;
      this.#left = mostRecords;
      this.#nextTurn(this.#newTurn);
      this.#handOn();
    }
    while (this.#waiting.size > 0 && this.#left > 0 && this.#clock.now() < this.#turnEnds) this.#handOn();
  }

  #handOn(): void {
    const data = this.#waiting.shift();
    this.#left -= typeof data === 'string' ? recordsIn(data) : 1;
    if (data === unreadable) this.#next.messageError();
    else this.#next.message(data);
  }
}
