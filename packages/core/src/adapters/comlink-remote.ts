import { MessagePort } from 'node:worker_threads';

import { wrap, type Remote } from 'comlink';

import { InvalidArgumentError, WorkerLoop, type Coroutine, type RunOptions } from '../index.ts';
import { RemoteEndpoint } from './comlink-endpoint.ts';
import type { Exposed } from './comlink-expose.ts';
import { changeHandlers } from './comlink-handlers.ts';

/**
 * Run a job that ends with `expose(object)` and give a Comlink proxy of the object: its methods and properties become
 * asynchronous, and `proxy(callback)` hands a function of this thread to it. Methods run as they arrive, beside the loop's
 * jobs; `options` are those of `loop.run` and concern the making of the object only.
 *
 * A call that waits for its answer keeps the process alive, the proxy does not. When the loop ends, all calls without an
 * answer and all later ones reject, with LoopClosedError or, after a crash, LoopCrashedError; after
 * `object[releaseProxy]()` they reject with InvalidStateError. Errors of methods arrive as those of jobs do.
 *
 * @example
 * import { remote } from 'offloop/comlink';
 * const counter = await remote(loop, jobs.counter());
 * await counter.inc();
 * console.log(await counter.inc()); // 2
 *
 * @example
 * import { proxy, releaseProxy, remote } from 'offloop/comlink';
 * const counter = await remote(loop, jobs.counter());
 * await counter.onChange(proxy((n) => console.log('now', n))); // now 1
 * await counter.inc();
 * counter[releaseProxy]();
 */
export async function remote<T>(
  loop: WorkerLoop,
  coroutine: Coroutine<Exposed<T>>,
  options?: RunOptions,
): Promise<Remote<T>> {
  if (!(loop instanceof WorkerLoop))
    throw new InvalidArgumentError(`remote takes a loop and then a coroutine; got ${String(loop)} as the loop`);
  changeHandlers();
  const { name } = coroutine;
  const exposed: Partial<Exposed<T>> | undefined = await loop.run(coroutine, options);
  const port = exposed?.port;
  if (!(port instanceof MessagePort))
    throw new InvalidArgumentError(
      `job ${name} gave no object to be remote: it has to return expose(object), of 'offloop/comlink'`,
    );
  return wrap<T>(new RemoteEndpoint(port, loop, `the object of ${name}`));
}
