import { Worker } from 'node:worker_threads';

import { transfer, wrap, type Endpoint } from 'comlink';
import nodeEndpoint from 'comlink/dist/umd/node-adapter.js';

import type { JobName, Running } from '../contestant.ts';

type Remote = Readonly<Record<JobName | 'moved', (arg: unknown) => Promise<unknown>>>;

const guest = new URL('./comlink-guest.js', import.meta.url);
// The types of the package describe an ES module; what Node loads is CommonJS, whose export is the function itself.
const endpoint = nodeEndpoint as unknown as (worker: Worker) => Endpoint;

export function start(threads: number): Running {
  const workers = Array.from({ length: threads }, () => new Worker(guest));
  const remotes = workers.map((worker) => remoteOf(worker));
  let next = 0;
  const remote = (): Remote => {
    next = next + 1 < threads ? next + 1 : 0;
    return remotes[next] as Remote;
  };
  return {
    call: (job, arg) => remote()[job](arg),
    move: (buffer) => remote().moved(transfer(buffer, [buffer])),
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}

/** The proxy of each job is made once: its best setting, `remote.inc` makes one at every use. */
function remoteOf(worker: Worker): Remote {
  const remote = wrap<Remote>(endpoint(worker));
  const { inc, echo, fail, fib, rest, touch, moved } = remote as unknown as Remote;
  return { inc, echo, fail, fib, rest, touch, moved };
}
