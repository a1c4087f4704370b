import { jobModule, LoopPool, WorkerLoop, type Coroutine, type RunOptions } from 'offloop';

import { given, type CallOptions, type StartOptions, type Subject } from '../subject.ts';

type References = Readonly<Record<string, (arg: unknown) => Coroutine<unknown>>>;

const jobs = new URL('./offloop-jobs.js', import.meta.url).href;
const modules = new Map<string, References>();

/** By name: the references lose their types, and a name that is none is a TypeError of JavaScript's. */
function referencesOf(module: string): References {
  const known = modules.get(module) ?? (jobModule(new URL(module)) as unknown as References);
  modules.set(module, known);
  return known;
}

/** `pool: true` is a LoopPool of one loop, else it is a WorkerLoop. */
export function start(options: StartOptions, { pool: isPool = false }: { readonly pool?: boolean }): Subject {
  const {
    isDaemon: daemon,
    resourceLimits,
    execArgv,
    maxQueue,
    loadTimeoutMs,
    onError,
    module: usual = jobs,
  } = options;
  const settings = given({ daemon, resourceLimits, execArgv, maxQueue, loadTimeoutMs });
  const target: LoopPool | WorkerLoop = isPool ? new LoopPool({ size: 1, ...settings }) : new WorkerLoop(settings);
  if (onError !== undefined) target.on('error', onError);
  return {
    call: (job, arg, { module = usual, signal, timeout, transfer }: CallOptions) => {
      const coroutine = (referencesOf(module)[job] as References[string])(arg);
      const runOptions: RunOptions = given({ signal, timeout, transfer });
      return target instanceof LoopPool ? target.run(coroutine, runOptions) : target.run(coroutine, runOptions);
    },
    close: (now) => target.close({ mode: now ? 'terminate' : 'drain' }),
    shares: () => true,
    takesModules: true,
  };
}
