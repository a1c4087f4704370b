import type { CancelledError } from '../base/errors.ts';

/*
 * What a task that was asked to cancel owes its body:
 *
 *              the body awaits       cancel(): an await throws   only the signal tells   nobody tells   the body asks
 *   quiet      quiet                 throwing                    quiet                   owed           quiet
 *   owed       throwing (it throws)  throwing                    owed                    owed           quiet
 *   throwing   quiet                 throwing: one more cancel joins the one that is being thrown       throwing
 *
 * Apart from this stands `noticed`: once the body could have seen a request, what it returns counts.
 */
const Debt = { quiet: 0, owed: 1, throwing: 2 } as const;

/** The cancel requests to one task. Most tasks are never asked, and have none. */
export class TaskCancel {
  /** How often the task was asked. */
  count = 0;
  /** The first accepted request. */
  request: CancelledError | undefined;
  /** The body could have seen the request: an await threw, a listener of the signal ran, or it asked. */
  noticed = false;
  #debt: (typeof Debt)[keyof typeof Debt] = Debt.quiet;
  #owed: CancelledError | undefined;

  /** The body awaits; returns what that await has to throw. */
  onAwait(): CancelledError | undefined {
    const owed = this.#debt === Debt.owed ? this.#owed : undefined;
    this.#owed = undefined;
    this.#debt = owed === undefined ? Debt.quiet : Debt.throwing;
    if (owed !== undefined) this.noticed = true;
    return owed;
  }

  /** The body asked, or is told in another way: no await has to throw any more. */
  onAsked(): void {
    this.noticed = true;
    if (this.#debt === Debt.owed) this.#debt = Debt.quiet;
    this.#owed = undefined;
  }

  /** Tell the body: `abort` through the signal, `throwFrom` from what it awaits; each returns whether there was a listener. */
  tell(request: CancelledError, abort: () => boolean, throwFrom: () => boolean): void {
    this.request ??= request;
    let told = this.#debt === Debt.throwing;
    told = abort() || told;
    const before = this.#debt;
    if (before !== Debt.throwing) {
      // Marked while they are told: tasks that wait for each other in a circle come back here.
      this.#debt = Debt.throwing;
      if (throwFrom()) told = true;
      else this.#debt = before;
    }
    if (told) this.noticed = true;
    else {
      this.#debt = Debt.owed;
      this.#owed = request;
    }
  }
}
