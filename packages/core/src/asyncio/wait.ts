import type { ClockTimer } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { InvalidArgumentError } from '../base/errors.ts';
import { milliseconds, oneOf, readOptions } from '../base/options.ts';
import { Combined } from './combined.ts';
import { ensureFutures, type Awaitable } from './ensure-future.ts';
import { futureInternals, type Future } from './future.ts';

export interface WaitOptions {
  /** When to return. `'firstException'` ignores cancelled children and returns when all are done if none fails. Default `'allCompleted'`. */
  readonly returnWhen?: 'allCompleted' | 'firstCompleted' | 'firstException';
  /** Return after this many milliseconds with what is done by then; cancels nothing and throws nothing. Default: wait for ever. */
  readonly timeout?: number;
}

/** The two sets that `wait` gives; they hold the futures that were passed in. */
export interface WaitResult<T> {
  readonly done: Set<Future<T>>;
  readonly pending: Set<Future<T>>;
}

class Waiting<T> extends Combined<WaitResult<T>, T> {
  readonly #children: ReadonlySet<Future<T>>;
  readonly #returnWhen: string;
  readonly #childSettled = (): void => this.#check();
  readonly #timer: ClockTimer | undefined;

  constructor(children: ReadonlySet<Future<T>>, returnWhen: string, timeout: number) {
    super(children);
    this.#children = children;
    this.#returnWhen = returnWhen;
    for (const child of children) futureInternals.subscribe(child, this.#childSettled);
    if (!this.done && timeout !== Infinity) this.#timer = systemClock.setTimer(timeout, () => this.#return());
  }

  #check(): void {
    if (this.done) return;
    let unfinished = 0;
    let trigger = false;
    for (const child of this.#children) {
      if (!child.done) unfinished++;
      else if (
        this.#returnWhen === 'firstCompleted' ||
        (this.#returnWhen === 'firstException' && child.state === 'failed')
      )
        trigger = true;
    }
    if (trigger || unfinished === 0) this.#return();
  }

  #return(): void {
    const done = new Set<Future<T>>();
    const pending = new Set<Future<T>>();
    for (const child of this.#children) (child.done ? done : pending).add(child);
    this.settleDone({ done, pending });
  }

  protected override onSettled(held: boolean): void {
    super.onSettled(held);
    this.#timer?.cancel();
    for (const child of this.#children) futureInternals.unsubscribe(child, this.#childSettled);
  }
}

/**
 * Wait for some or all of the futures and get two sets, `{ done, pending }`, as asyncio's `wait`. It throws no child's
 * error and cancels nothing, not at its timeout and not when it is cancelled itself.
 *
 * @example
 * const { done, pending } = await wait([sleep(1), sleep(60_000)], { returnWhen: 'firstCompleted' });
 * for (const future of pending) future.cancel();
 * console.log(done.size, pending.size); // 1 1
 */
export function wait<A extends Awaitable<unknown>>(
  list: Iterable<A>,
  options?: WaitOptions,
): Future<WaitResult<Awaited<A>>> {
  const { returnWhen = 'allCompleted', timeout = Infinity } = readOptions('wait', options, {
    returnWhen: oneOf('allCompleted', 'firstCompleted', 'firstException'),
    timeout: milliseconds,
  });
  const children = new Set(ensureFutures<Awaited<A>>('wait', list as Iterable<Awaitable<Awaited<A>>>));
  if (children.size === 0) throw new InvalidArgumentError('wait needs at least one future; the list is empty');
  return new Waiting(children, returnWhen, timeout);
}
