import { deferred, type Deferred } from '../base/deferred.ts';
import { CancelledError, InvalidArgumentError, QueueFullError } from '../base/errors.ts';
import { shown } from '../base/options.ts';
import { futureInternals, type Future } from '../asyncio/future.ts';

export interface MapOptions {
  /** Most calls at a time, those whose results were not taken yet included. Default: 2 × the loops that the pool may have. */
  readonly concurrency?: number;
  /** Ends the iteration with CancelledError, and cancels what runs. */
  readonly signal?: AbortSignal;
  /** Results in the order of the input; false: as they come. Default true. */
  readonly ordered?: boolean;
}

/** What a map needs of the pool. */
export interface MapTarget<T> {
  run(item: unknown): Future<T>;
  /** Resolves when there is room for a call. */
  ready(): Promise<void>;
}

/**
 * Run a call for each item of the input: an input is taken only when there is room for its call, which is when fewer than
 * `concurrency` are under way or wait, finished, to be taken. Leaving the iteration, or the first error, cancels the rest
 * and closes the input.
 */
export async function* mapJobs<T>(
  target: MapTarget<T>,
  input: Iterable<unknown> | AsyncIterable<unknown>,
  concurrency: number,
  ordered: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const iterator = iteratorOf(input);
  const calls: Future<T>[] = [];
  let news: Deferred<void> = deferred<void>();
  let isPulling = false;
  let isOver = false;
  let failure: { readonly error: unknown } | undefined;
  const tell = (): void => news.resolve();
  const pull = async (): Promise<void> => {
    isPulling = true;
    try {
      const next = await iterator.next();
      if (next.done === true) isOver = true;
      else {
        let call: Future<T> | undefined;
        // Somebody else may take the place that there was.
        while (call === undefined || wasRefused(call)) {
          await target.ready();
          if (isOver) return;
          call = target.run(next.value);
        }
        // A failure is looked at when its turn comes; what is awaited holds the process.
        futureInternals.hold(call);
        futureInternals.subscribe(call, tell);
        calls.push(call);
      }
    } catch (error) {
      failure = { error };
    } finally {
      isPulling = false;
      tell();
    }
  };
  const abort = (): void => {
    failure = { error: CancelledError.from(signal?.reason, 'the map was cancelled') };
    tell();
  };
  if (signal?.aborted === true) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  try {
    for (;;) {
      if (failure !== undefined) throw failure.error;
      if (!isPulling && !isOver && calls.length < concurrency) void pull();
      const index = ordered ? (calls[0]?.done === true ? 0 : -1) : calls.findIndex(({ done }) => done);
      const [call] = index < 0 ? [] : calls.splice(index, 1);
      if (call !== undefined) yield call.result();
      else if (isOver && calls.length === 0) return;
      else {
        await news.promise;
        news = deferred<void>();
      }
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    const wasOver = isOver;
    isOver = true;
    for (const call of calls) call.cancel();
    if (!wasOver) closeInput(iterator);
  }
}

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

function wasRefused(call: Future<unknown>): boolean {
  return call.state === 'failed' && call.exception() instanceof QueueFullError;
}

/** Nobody waits for its end, which may come only after the item that it was asked for last. */
function closeInput(iterator: AnyIterator): void {
  const closed = (async () => void (await iterator.return?.()))();
  // What it throws there would hide what the iteration is left for.
  closed.catch(() => {});
}

function iteratorOf(input: Iterable<unknown> | AsyncIterable<unknown>): AnyIterator {
  const candidate = input as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
  const iterator = candidate?.[Symbol.asyncIterator]?.() ?? candidate?.[Symbol.iterator]?.();
  if (iterator === undefined)
    throw new InvalidArgumentError(
      `map takes a job and an iterable of its arguments; got ${shown(input)} as the iterable`,
    );
  return iterator;
}
