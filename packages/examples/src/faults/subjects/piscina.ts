import { fileURLToPath } from 'node:url';

import { Piscina } from 'piscina';

import { given, type CallOptions, type StartOptions, type Subject } from '../subject.ts';

export interface PiscinaVariant {
  readonly concurrentTasksPerWorker?: number;
}

const { href: jobs } = new URL('../jobs.js', import.meta.url);

/** A signal is the only way to a cancel or a time-out. A task that has one is alone in its thread. */
export function start(options: StartOptions, variant: PiscinaVariant): Subject {
  const { onError, module = jobs, resourceLimits, execArgv, maxQueue } = options;
  const pool = new Piscina({
    filename: fileURLToPath(module),
    minThreads: 1,
    maxThreads: 1,
    ...variant,
    ...given({ resourceLimits, execArgv, maxQueue }),
  });
  if (onError !== undefined) pool.on('error', onError);
  return {
    call: (job, arg, call: CallOptions) => {
      const { transfer: transferList } = call;
      const filename = call.module === undefined ? undefined : fileURLToPath(call.module);
      const signal = call.timeout === undefined ? call.signal : AbortSignal.timeout(call.timeout);
      return pool.run(arg, { name: job, ...given({ transferList, filename, signal }) }) as Promise<unknown>;
    },
    close: (now) => (now ? pool.destroy() : pool.close()),
    shares: ({ signal, timeout }) =>
      variant.concurrentTasksPerWorker !== undefined && signal === undefined && timeout === undefined,
    takesModules: true,
  };
}
