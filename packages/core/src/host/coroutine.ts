import { inspect } from 'node:util';

import { toFuture } from '../asyncio/ensure-future.ts';
import type { Future } from '../asyncio/future.ts';
import { nothingCarried, takeAlong, type Carried } from '../base/carriers.ts';
import { InvalidArgumentError, InvalidStateError } from '../base/errors.ts';
import { inspectable } from '../base/inspectable.ts';
import { shown } from '../base/options.ts';
import { makeRequest, type CallRequest, type JobName } from '../link/call-request.ts';
import { CallKind } from '../wire/frames.ts';
import { getDefaultExecutor } from './default-executor.ts';
import { jobOfReference } from './job-reference.ts';

declare const itemType: unique symbol;

/** A coroutine of an async generator job, to the type system: `loop.run` makes a `RemoteStream<T>` of it. */
export interface StreamCoroutine<T> extends AsyncIterable<T> {
  readonly [itemType]: T;
}

let take: (coroutine: object) => CallRequest | undefined;

/** Let what was taken along before travel with the coroutine, not what there is when it is scheduled. Gives the coroutine. */
export let carrying: <T>(coroutine: Coroutine<T>, carried: Carried) => Coroutine<T>;
let isScheduled: (value: unknown) => boolean | undefined;

/** In debug mode (`OFFLOOP_DEBUG=1`) a coroutine that is collected without having been scheduled is told. */
const forgotten =
  process.env['OFFLOOP_DEBUG'] === '1'
    ? new FinalizationRegistry<string>((text) =>
        process.emitWarning(`coroutine ${text} was never scheduled or awaited`, 'OffloopWarning'),
      )
    : undefined;

/**
 * A description of one call, job and arguments, as calling an `async def` gives in Python: nothing runs yet. Give it to a
 * loop (`loop.run(coroutine)`), or await it to run it on the default executor. It is good for one run.
 */
export class Coroutine<T> implements PromiseLike<T> {
  readonly #job: JobName;
  readonly #args: readonly unknown[];
  #carried: Carried | undefined;
  #scheduled = false;

  static {
    take = (coroutine) => {
      if (!(#job in coroutine)) return undefined;
      coroutine.#scheduled = true;
      forgotten?.unregister(coroutine);
      const given = coroutine.#carried;
      const carried = given === nothingCarried ? undefined : (given ?? takeAlong());
      return makeRequest(coroutine.#job, coroutine.#args, CallKind.future, 0, undefined, undefined, carried);
    };
    carrying = (coroutine, carried) => {
      // A map's job may give anything.
      if (isScheduled(coroutine) !== undefined) coroutine.#carried = carried;
      return coroutine;
    };
    isScheduled = (value) =>
      typeof value === 'object' && value !== null && #job in value ? value.#scheduled : undefined;
    inspectable(this, (coroutine, options) => {
      const args = coroutine.#args.map((each) => inspect(each, { ...options, depth: 0 })).join(', ');
      return `<Coroutine ${coroutine.#job.name}(${args})${coroutine.#scheduled ? ' scheduled' : ''}>`;
    });
    // Of a stream's coroutine only; its type is StreamCoroutine, so that the type system offers this where it fits.
    Object.defineProperty(this.prototype, Symbol.asyncIterator, {
      value(this: Coroutine<unknown>) {
        return (getDefaultExecutor().run(this) as unknown as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      },
    });
    Object.defineProperty(this.prototype, toFuture, {
      value(this: Coroutine<unknown>): Future<unknown> {
        return getDefaultExecutor().run(this);
      },
    });
  }

  constructor(job: JobName, args: readonly unknown[]) {
    this.#job = job;
    this.#args = args;
    forgotten?.register(this, `${job.name}()`, this);
  }

  /** The job's name. */
  get name(): string {
    return this.#job.name;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaiting a coroutine runs it, as in Python
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return getDefaultExecutor().run(this).then(onFulfilled, onRejected);
  }
}

/** What calling any job reference gives. */
export type AnyCoroutine = Coroutine<unknown> | StreamCoroutine<unknown>;

/** Take what a coroutine describes, once. `what` names the call that wants it, in errors. */
export function takeCoroutine(what: string, value: unknown): CallRequest {
  const scheduled = isScheduled(value);
  if (scheduled === true) {
    throw new InvalidStateError(
      `${inspect(value)} was already scheduled: a coroutine is one call; call the job again for another`,
      'OFFLOOP_COROUTINE_REUSED',
    );
  }
  const call = scheduled === undefined ? undefined : take(value as object);
  if (call === undefined)
    throw new InvalidArgumentError(
      `${what} takes a coroutine, what calling a job gives, as in ${what}(jobs.fib(30)); got ${shown(value)}${advice(value)}`,
    );
  return call;
}

function advice(value: unknown): string {
  if (jobOfReference(value) !== undefined) return '. It is a job reference: call it with the arguments';
  if (typeof value === 'function')
    return '. A function cannot travel to another thread: export it from a job module, and call its reference';
  if (typeof (value as Partial<PromiseLike<unknown>> | null)?.then === 'function')
    return '. A promise is work that already runs in this thread';
  return '';
}
