import type { Clock } from '../base/clock.ts';
import { deferred } from '../base/deferred.ts';

/** Questions to the other side, each answered once: by its answer, or with undefined when none comes in time. */
export class Questions {
  readonly #clock: Clock;
  readonly #readArrived: () => void;
  readonly #open = new Map<number, (answer: unknown) => void>();
  #next = 1;

  /** `readArrived` takes in answers that have come while this thread was too busy to be told. */
  constructor(clock: Clock, readArrived: () => void) {
    this.#clock = clock;
    this.#readArrived = readArrived;
  }

  /** `send` sends the question with its number; the answer comes through `answer`. */
  ask<T>(limitMs: number, send: (request: number) => void): Promise<T | undefined> {
    const { promise, resolve } = deferred<T | undefined>();
    const request = this.#next++;
    const timer = this.#clock.setTimer(limitMs, () => {
      this.#readArrived();
      this.answer(request, undefined);
    });
    timer.unref();
    this.#open.set(request, (answer) => {
      timer.cancel();
      resolve(answer as T | undefined);
    });
    send(request);
    return promise;
  }

  /** The same without a limit; `answered` is called as soon as the answer is there. */
  askFor(send: (request: number) => void, answered: () => void): void {
    const request = this.#next++;
    this.#open.set(request, answered);
    send(request);
  }

  answer(request: number, value: unknown): void {
    const settle = this.#open.get(request);
    this.#open.delete(request);
    settle?.(value);
  }

  /** Nobody is left who could answer. */
  giveUp(): void {
    for (const request of this.#open.keys()) this.answer(request, undefined);
  }
}
