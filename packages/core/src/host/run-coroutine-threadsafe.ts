import type { Future } from '../asyncio/future.ts';
import { InvalidArgumentError } from '../base/errors.ts';
import { shown } from '../base/options.ts';
import type { Coroutine, StreamCoroutine } from './coroutine.ts';
import { LoopHandle } from './loop-handle.ts';
import type { RemoteStream } from './remote-stream.ts';
import type { RunOptions } from './loop-types.ts';
import { WorkerLoop } from './worker-loop.ts';

/** `loop.run` with asyncio's name and order of arguments: `run_coroutine_threadsafe`. */
export function runCoroutineThreadsafe<T>(
  coroutine: StreamCoroutine<T>,
  loop: WorkerLoop | LoopHandle,
  options?: RunOptions,
): RemoteStream<T>;
export function runCoroutineThreadsafe<T>(
  coroutine: Coroutine<T>,
  loop: WorkerLoop | LoopHandle,
  options?: RunOptions,
): Future<T>;
export function runCoroutineThreadsafe<T>(
  coroutine: Coroutine<T> | StreamCoroutine<T>,
  loop: WorkerLoop | LoopHandle,
  options?: RunOptions,
): Future<T> | RemoteStream<T> {
  if (!(loop instanceof WorkerLoop || loop instanceof LoopHandle))
    throw new InvalidArgumentError(
      `runCoroutineThreadsafe takes a coroutine and then a loop; got ${shown(loop)} as the loop`,
    );
  return loop.run(coroutine as Coroutine<T>, options);
}
