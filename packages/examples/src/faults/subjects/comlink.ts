import { Worker } from 'node:worker_threads';

import { transfer as moved, wrap, type Endpoint } from 'comlink';
import nodeEndpoint from 'comlink/dist/umd/node-adapter.js';

import { given, type CallOptions, type StartOptions, type Subject } from '../subject.ts';

type Remote = Readonly<Record<string, (arg: unknown) => Promise<unknown>>>;

const { href: guest } = new URL('./comlink-guest.js', import.meta.url);
// The types of the package describe an ES module; what Node loads is CommonJS, whose export is the function itself.
const endpoint = nodeEndpoint as unknown as (worker: Worker) => Endpoint;

/** The Worker is its user's own, and so are its errors and its end. */
export function start({ onError, module = guest, isDaemon = false, resourceLimits }: StartOptions): Subject {
  const worker = new Worker(new URL(module), given({ resourceLimits }));
  if (onError !== undefined) worker.on('error', onError);
  const remote = wrap<Remote>(endpoint(worker)) as unknown as Remote;
  if (isDaemon) worker.unref();
  return {
    call: (job, arg, { transfer }: CallOptions) =>
      (remote[job] as Remote[string])(transfer === undefined ? arg : moved(arg as object, transfer)),
    close: () => worker.terminate(),
    shares: () => true,
    takesModules: false,
  };
}
