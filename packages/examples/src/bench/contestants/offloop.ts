import { type Coroutine, type JobModule, jobModule, move, WorkerLoop, type WorkerLoopOptions } from 'offloop';

import type { Running } from '../contestant.ts';

const module = jobModule<typeof import('../jobs.ts')>(new URL('../jobs.js', import.meta.url));
export const guest: JobModule<typeof import('./offloop-guest.ts')> = jobModule(
  new URL('./offloop-guest.js', import.meta.url),
);
// By name the references lose their types; the results are checked where they are awaited.
const jobs = module as unknown as Readonly<Record<string, (arg: unknown) => Coroutine<unknown>>>;

export function referenceOf(job: string): (arg: unknown) => Coroutine<unknown> {
  const reference = jobs[job];
  if (reference === undefined) throw new Error(`no job ${job}`);
  return reference;
}

/** One loop for each thread, in turns; `options` are what variants differ in. */
export function start(threads: number, options: WorkerLoopOptions): Running {
  const loops = Array.from({ length: threads }, () => new WorkerLoop(options));
  let next = 0;
  const loop = (): WorkerLoop => {
    next = next + 1 < threads ? next + 1 : 0;
    return loops[next] as WorkerLoop;
  };
  return {
    call: (job, arg) => loop().run(referenceOf(job)(arg)),
    move: (buffer) => loop().run(guest.moved(move(buffer))),
    close: () => Promise.all(loops.map((each) => each.close())),
  };
}
