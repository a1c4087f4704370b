import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * A thread that runs `worker.js`. This file stays beside it, and the bundle is flat, so that the URL is right in both; it is
 * written out in one expression because bundlers that know this pattern (webpack) then emit the worker too.
 */
export function ownWorker(options: WorkerOptions): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), options);
}
