import { fileURLToPath } from 'node:url';

import { FixedThreadPool } from 'poolifier';

import { given, type CallOptions, type StartOptions, type Subject } from '../subject.ts';

const { href: guest } = new URL('./poolifier-guest.js', import.meta.url);

/** Every task goes out to the thread at once; a signal is the only way to a cancel or a time-out. */
export function start({ onError, module = guest, resourceLimits, execArgv }: StartOptions): Subject {
  const pool = new FixedThreadPool(1, fileURLToPath(module), {
    enableEvents: false,
    workerOptions: given({ resourceLimits, execArgv }),
    ...given({ errorHandler: onError }),
  });
  return {
    call: (job, arg, { signal, timeout, transfer }: CallOptions) =>
      pool.execute(arg, job, timeout === undefined ? signal : AbortSignal.timeout(timeout), transfer),
    close: () => pool.destroy(),
    shares: () => true,
    takesModules: false,
  };
}
