import type { Future } from '../asyncio/future.ts';

/**
 * The items of an async generator job, as `loop.run` gives them: take them with `for await`. Items are sent ahead only as
 * far as there is room (64), so a slow consumer slows the job down instead of filling memory. Leaving the loop early runs
 * the job's `finally` blocks and waits for them. An error of the job is thrown from the iteration.
 */
export interface RemoteStream<T> extends AsyncIterable<T> {
  readonly state: Future<unknown>['state'];
  readonly done: boolean;
  readonly cancelled: boolean;
  /** Ask the job to stop; the iteration throws CancelledError. See `Future.cancel`. */
  cancel(reason?: unknown): boolean;
}
