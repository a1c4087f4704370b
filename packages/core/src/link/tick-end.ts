import { intrinsics } from '../base/intrinsics.ts';

/** What a tick end needs of its thread. */
export interface TickEndSurroundings {
  /** Call a function when what runs now, and all microtasks, are over. */
  readonly nextTick: (fn: () => void) => void;
  /** Call a function in a microtask, behind those that are due. */
  readonly soon: (fn: () => void) => void;
}

/*
 *   nobody waits ── come ──► awaited ── the tick is over: who waits goes on, one after the other ──► gathering
 *        ▲                      ▲                                                                     │
 *        └──────────────────────┴─────────────────────────────── the microtasks that follow are over ─┘
 */
/** Where calls that are asked for here and there in a tick gather, to begin together and wake each thread once. One a thread. */
export class TickEnd {
  readonly #around: TickEndSurroundings;
  #coming: Promise<void> | undefined;
  #isGathering = false;

  constructor(around: TickEndSurroundings) {
    this.#around = around;
  }

  /** More may begin at once: a bell can wait until the tick is over. */
  get isGathering(): boolean {
    return this.#isGathering;
  }

  come(): Promise<void> {
    this.#coming ??= new intrinsics.Promise((resolve) => this.#around.nextTick(() => this.#gather(resolve)));
    return this.#coming;
  }

  #gather(goOn: () => void): void {
    const { soon, nextTick } = this.#around;
    this.#coming = undefined;
    this.#isGathering = true;
    goOn();
    // What is called next out of a microtask is called when there are none left.
    soon(() => nextTick(this.#end));
  }

  readonly #end = (): void => {
    this.#isGathering = false;
  };
}

/** Of this thread. */
export const ownTickEnd: TickEnd = new TickEnd(intrinsics);

/**
 * Resolves when what runs now, and the microtasks that follow, are over, and before timers and sockets have their turn. For
 * who gets many tiny jobs one by one and can wait that long with each, as one who makes a job of every answer of a database
 * that has come by one packet. What all who wait start in the microtasks that follow goes to its threads together:
 * a sleeping thread is woken once for all of it (over `lane: 'port'` by two messages), and waking one costs as much as ten
 * calls. It never rejects, and nothing of it is left when the process ends.
 *
 * A job that is started without it starts at once, also while this thread goes on computing; behind it, it waits for that to end.
 *
 * @example
 * const onAnswer = async (n: number) => {
 *   await tickEnd();
 *   return loop.run(jobs.fib(n)); // all of them begin when the last answer was read
 * };
 * console.log(await Promise.all([10, 11, 12].map(onAnswer))); // [ 55, 89, 144 ]
 */
export function tickEnd(): Promise<void> {
  return ownTickEnd.come();
}
