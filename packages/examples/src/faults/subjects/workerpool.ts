import { fileURLToPath } from 'node:url';

import workerpool from 'workerpool';

import { given, type CallOptions, type StartOptions, type Subject } from '../subject.ts';

const { href: guest } = new URL('./workerpool-guest.js', import.meta.url);

/** It takes no signals: one that aborts calls the `cancel()` of its promise. */
export function start({ module = guest, resourceLimits, execArgv, maxQueue }: StartOptions): Subject {
  const pool = workerpool.pool(fileURLToPath(module), {
    workerType: 'thread',
    minWorkers: 1,
    maxWorkers: 1,
    ...given({ maxQueueSize: maxQueue }),
    workerThreadOpts: given({ resourceLimits, execArgv }),
  });
  return {
    call: (job, arg, { signal, timeout, transfer }: CallOptions) => {
      signal?.throwIfAborted();
      const promise = pool.exec(job, [arg], given({ transfer }));
      // What a listener returns, Node awaits: it must not be the promise.
      signal?.addEventListener('abort', () => void promise.cancel(), { once: true });
      return (timeout === undefined ? promise : promise.timeout(timeout)) as PromiseLike<unknown>;
    },
    close: (now) => pool.terminate(now) as PromiseLike<unknown>,
    shares: () => false,
    takesModules: false,
  };
}
