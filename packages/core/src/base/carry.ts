import {
  carriersHere,
  setCarriers,
  type Carried,
  type CarriedValues,
  type Carrier,
  type Carriers,
} from './carriers.ts';
import { keepingContexts } from './contexts.ts';
import { CarryError, InvalidArgumentError } from './errors.ts';
import { aFunction, anObject, mustBe, shown, type Check } from './options.ts';
import { throwUncaught } from './stacks.ts';

/** Undoes `carry`, by a call or by `using`: calls that are made, and jobs that run, from then on do without. */
export interface Carrying extends Disposable {
  (): void;
}

const aName: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'a string that is not empty');

/**
 * Let something travel with every call that this thread makes: an AsyncLocalStorage, a trace id. `get` is called when a job
 * is scheduled (on a loop or pool, as callback, future or stream; by `map` and `broadcast` once for all of their calls), and
 * `run` around the job in its thread, each step of a stream included. So it has to be called on both sides under the same
 * name, best in a module that both import; in a loop's thread before the job starts, as in the job module or in the `setup`.
 * What no carrier of that name awaits is left out. Setups and teardowns, and the methods of a Comlink proxy, take nothing along.
 *
 * Jobs take along what is in place where they schedule others, so a trace goes on from thread to thread. An `'error'` event
 * has what travelled with the failed call in `context.carried`, and its listeners are called inside `run`.
 *
 * When `get` throws, the call fails with CarryError, and with NotCloneableError when its value can't be copied: a future rejects,
 * callSoonThreadsafe throws. When `run` throws before it has called its function, or never calls it, the job fails with
 * CarryError. No other call is hurt. Cancelling, closing and crashing change nothing: a job that is interrupted leaves no
 * AsyncLocalStorage behind, but a `finally` of your own in `run` is not reached then.
 *
 * Calls without anything to carry cost as much as before. A live AsyncLocalStorage makes each promise of its thread slower on
 * Node 20 and 22. Throws InvalidArgumentError for what is no carrier, and for a name that is taken in this thread.
 *
 * @example
 * import { AsyncLocalStorage } from 'node:async_hooks';
 * const user = new AsyncLocalStorage<string>();
 * const undo = carry({ name: 'user', get: () => user.getStore(), run: (name, fn) => user.run(name, fn) });
 * const future = user.run('ada', () => loop.run(jobs.fib(20))); // user.getStore() is 'ada' in the job, if jobs.ts does the same
 * console.log(await future); // 6765
 * undo();
 */
export function carry<T>(carrier: Carrier<T>): Carrying {
  mustBe('what carry takes', carrier, anObject);
  const { name, get, run } = carrier as { readonly [K in keyof Carrier<T>]: unknown };
  mustBe('the name of a carrier', name, aName);
  mustBe(`get of carrier '${String(name)}'`, get, aFunction);
  mustBe(`run of carrier '${String(name)}'`, run, aFunction);
  const key = name as string;
  if (named.has(key))
    throw new InvalidArgumentError(
      `this thread has a carrier named '${key}' already; give this one another name, or call what carry() has returned for that one first`,
    );
  named.set(key, carrier);
  setCarriers(all);
  const undo = (): void => {
    if (named.get(key) === carrier) named.delete(key);
    if (named.size === 0) setCarriers(undefined);
  };
  return Object.assign(undo, { [Symbol.dispose]: undo });
}

/**
 * Call `fn` with the values of a call in place, as far as this thread has carriers for them: for an executor of one's own
 * (see `takeCall`). Gives what `fn` gives, and throws what it throws, whatever the carriers make of it; or CarryError.
 *
 * @example
 * const values = ['a name that nobody carries here', 1];
 * console.log(withCarried(values, () => 'called all the same')); // called all the same
 */
export function withCarried<R>(values: CarriedValues, fn: () => R): R {
  const carriers = carriersHere();
  return carriers === undefined ? fn() : carriers.around(values, fn);
}

/** The carriers of this thread, in the order in which they came. */
const named = new Map<string, Carrier<unknown>>();

const all: Carriers = {
  takeAlong,
  around: (values, fn) => keepingContexts(() => within(values, 0, fn)),
};

function takeAlong(): Carried | undefined {
  const values: unknown[] = [];
  for (const [name, carrier] of named) {
    try {
      const value = carrier.get();
      if (value !== undefined) values.push(name, value);
    } catch (cause) {
      const message = `get() of carrier '${name}' threw ${shown(cause)}, which is the cause; the call was not made`;
      return { values: [], error: new CarryError(message, { cause }) };
    }
  }
  return values.length === 0 ? undefined : { values, error: undefined };
}

function within<R>(values: CarriedValues, from: number, fn: () => R): R {
  for (let at = from; at < values.length; at += 2) {
    const carrier = named.get(values[at] as string);
    if (carrier !== undefined) return enter(carrier, values[at + 1], () => within(values, at + 2, fn));
  }
  return fn();
}

type Outcome<R> = { readonly value: R } | { readonly error: unknown };

/** What `fn` gives or throws counts, not what the carrier makes of it. */
function enter<R>(carrier: Carrier<unknown>, value: unknown, fn: () => R): R {
  let outcome: Outcome<R> | undefined;
  const once = (): R => {
    if (outcome !== undefined) throw new CarryError(`${what} called its function twice`);
    try {
      const result = fn();
      outcome = { value: result };
      return result;
    } catch (error) {
      outcome = { error };
      throw error;
    }
  };
  const what = `run() of carrier '${carrier.name}'`;
  // What the closure has set: the compiler does not see that it was called.
  const ended = (): Outcome<R> | undefined => outcome;
  try {
    carrier.run(value, once);
  } catch (error) {
    const before = ended();
    if (before === undefined)
      throw new CarryError(`${what} threw ${shown(error)}, which is the cause`, { cause: error });
    if (!('error' in before) || before.error !== error) throwUncaught(error);
  }
  const after = ended();
  if (after === undefined)
    throw new CarryError(`${what} has not called its function, which it has to do before it returns`);
  if ('error' in after) throw after.error;
  return after.value;
}

/** The values of a call by the names of their carriers; undefined when there are none. */
export function byName(values: CarriedValues | undefined): Readonly<Record<string, unknown>> | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const record = Object.create(null) as Record<string, unknown>;
  for (let at = 0; at < values.length; at += 2) record[values[at] as string] = values[at + 1];
  return Object.freeze(record);
}

/** The inverse of `byName`. */
export function flat(record: Readonly<Record<string, unknown>> | undefined): CarriedValues {
  return record === undefined ? [] : Object.entries(record).flat(1);
}
