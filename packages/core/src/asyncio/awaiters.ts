import { deferred } from '../base/deferred.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { joinAwaiterStack } from '../base/stacks.ts';

// Who awaits a future waits for a native promise of its own, which is what keeps the async context and makes what `then`
// returns a promise like any other. Two promises are all that an await of a result costs here; the chain that finds the
// frames of whoever awaits is built only for a failure.

type Resolve = (outcome: unknown) => void;

/** What resolves the promises of those who await one future: mostly one function alone, in the order in which they came. */
export type Awaiters = Resolve | Resolve[];

/** Outcomes that are on their way through the longer chain of a failure: what settles behind them must not overtake them. */
let onTheWay = 0;

let resolveOfNewest: Resolve = nothing;

/** One executor for all promises: a closure for each would cost as much as the promise. */
function keepResolve(resolve: Resolve): void {
  resolveOfNewest = resolve;
}

/** A promise for one more awaiter; call `withNewest` right behind it. */
export function newPromise(): Promise<unknown> {
  return new intrinsics.Promise(keepResolve);
}

/** The awaiters and the one whose promise has just been made. */
export function withNewest(awaiters: Awaiters | undefined): Awaiters {
  const resolve = resolveOfNewest;
  // It would keep the result of the future alive until the next await.
  resolveOfNewest = nothing;
  if (awaiters === undefined) return resolve;
  if (typeof awaiters === 'function') return [awaiters, resolve];
  awaiters.push(resolve);
  return awaiters;
}

/** Tell the awaiters; they hear in the order in which their futures settled, failures among results included. */
export function tellAwaiters(awaiters: Awaiters, failed: boolean, outcome: unknown): void {
  if (typeof awaiters === 'function') tell(awaiters, failed, outcome);
  else for (const each of awaiters) tell(each, failed, outcome);
}

/** The promise for who awaits a future that has settled already. */
export function settledPromise(failed: boolean, outcome: unknown): Promise<unknown> {
  if (!failed && onTheWay === 0) return intrinsics.Promise.resolve(outcome);
  const promise = newPromise();
  tellAwaiters(withNewest(undefined), failed, outcome);
  return promise;
}

function tell(resolve: Resolve, failed: boolean, outcome: unknown): void {
  if (!failed && onTheWay === 0) {
    resolve(outcome);
    return;
  }
  const source = deferred<unknown>();
  onTheWay++;
  // Resolved with the chain before the chain moves: when addAwaiter runs, V8 can follow it to the frames that await.
  resolve(source.promise.then(undefined, addAwaiter));
  void source.promise.then(nothing, nothing).then(arrived);
  if (failed) source.reject(outcome);
  else source.resolve(outcome);
}

/** As many steps behind as the chain is long, so that it runs right behind the awaiter's promise being settled. */
function arrived(): void {
  onTheWay--;
}

function nothing(): void {}

/** Passes a rejection on, with the stack of whoever awaits added to an error from another thread. */
function addAwaiter(error: unknown): never {
  joinAwaiterStack(error, addAwaiter);
  throw error;
}
