import { Tinypool } from 'tinypool';

import { given, type CallOptions, type StartOptions, type Subject } from '../subject.ts';

export interface TinypoolVariant {
  readonly concurrentTasksPerWorker?: number;
}

const { href: jobs } = new URL('../jobs.js', import.meta.url);

/** A signal is the only way to a cancel or a time-out. A task that has one is alone in its thread. */
export function start(options: StartOptions, variant: TinypoolVariant): Subject {
  const { onError, module = jobs, resourceLimits, execArgv, maxQueue } = options;
  const pool = new Tinypool({
    filename: module,
    minThreads: 1,
    maxThreads: 1,
    ...variant,
    ...given({ resourceLimits, execArgv, maxQueue }),
  });
  if (onError !== undefined) pool.on('error', onError);
  return {
    call: (job, arg, { module: filename, transfer: transferList, timeout, signal: own }: CallOptions) => {
      const signal = timeout === undefined ? own : AbortSignal.timeout(timeout);
      return pool.run(arg, { name: job, ...given({ transferList, filename, signal }) }) as Promise<unknown>;
    },
    close: () => pool.destroy(),
    shares: ({ signal, timeout }) =>
      variant.concurrentTasksPerWorker !== undefined && signal === undefined && timeout === undefined,
    takesModules: true,
  };
}
