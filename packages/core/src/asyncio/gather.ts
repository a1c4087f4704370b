import { CancelledError } from '../base/errors.ts';
import { aBoolean, readOptions } from '../base/options.ts';
import { Combined } from './combined.ts';
import { ensureFutures, type Awaitable } from './ensure-future.ts';
import { cancelWith } from './forced-cancel.ts';
import { futureInternals, type Future } from './future.ts';

export interface GatherOptions {
  /** Put errors (and CancelledErrors) into the list instead of rejecting with the first. Default false. */
  readonly returnExceptions?: boolean;
}

/** The results of a tuple or list of awaitables. */
export type GatheredResults<L extends readonly unknown[]> = { -readonly [K in keyof L]: Awaited<L[K]> };

class Gathering extends Combined<unknown[]> {
  readonly #children: readonly Future<unknown>[];
  readonly #returnExceptions: boolean;
  #unfinished: number;
  #cancelled: CancelledError | undefined;

  constructor(children: readonly Future<unknown>[], returnExceptions: boolean) {
    super(children);
    this.#children = children;
    this.#returnExceptions = returnExceptions;
    this.#unfinished = children.length;
    for (const child of children) {
      futureInternals.observe(child);
      futureInternals.subscribe(child, () => this.#childSettled(child));
    }
    if (children.length === 0) this.settleDone([]);
  }

  #childSettled(child: Future<unknown>): void {
    this.#unfinished--;
    if (!this.#returnExceptions && child.state !== 'done') {
      // The first failure counts; siblings go on and their later errors are seen as looked after. A child that was
      // cancelled by itself fails the gathering, only cancelling the gathering cancels it.
      const error = futureInternals.outcomeOf(child);
      if (this.#cancelled === undefined) this.settleFailed(error);
      else this.settleCancelled(this.#cancelled);
    } else if (this.#unfinished === 0) {
      if (this.#cancelled !== undefined) this.settleCancelled(this.#cancelled);
      else this.settleDone(this.#children.map((each) => futureInternals.outcomeOf(each)));
    }
  }

  protected override requestCancel(reason: unknown, graceMs?: number): boolean {
    const error = CancelledError.from(reason);
    const before = this.#cancelled;
    // Set while they are told: a child may settle at once.
    this.#cancelled ??= error;
    let accepted = false;
    for (const child of this.#children) accepted = child.cancel(cancelWith(error, graceMs)) || accepted;
    // Nobody listens: then this ends as if it had not been asked.
    if (!accepted) this.#cancelled = before;
    return accepted;
  }

  protected override liveState(): 'running' | 'cancelling' {
    return this.#cancelled === undefined ? 'running' : 'cancelling';
  }
}

/**
 * A future of all results, in the order of the list, as asyncio's `gather`. The first failure rejects it at once while
 * the siblings go on; with `returnExceptions` errors stand in the list instead. Cancelling it cancels every unfinished
 * child, and it settles when they have. An empty list gives `[]`; the same future twice is awaited once.
 *
 * @example
 * console.log(await gather([sleep(2, 'a'), sleep(1, 'b')])); // [ 'a', 'b' ]
 */
export function gather<const L extends readonly Awaitable<unknown>[]>(
  list: L,
  options?: GatherOptions & { readonly returnExceptions?: false },
): Future<GatheredResults<L>>;
export function gather<T>(
  list: Iterable<Awaitable<T>>,
  options?: GatherOptions & { readonly returnExceptions?: false },
): Future<T[]>;
export function gather(list: Iterable<Awaitable<unknown>>, options: GatherOptions): Future<unknown[]>;
export function gather(list: Iterable<Awaitable<unknown>>, options?: GatherOptions): Future<unknown[]> {
  const { returnExceptions = false } = readOptions('gather', options, { returnExceptions: aBoolean });
  return new Gathering(ensureFutures('gather', list), returnExceptions);
}
