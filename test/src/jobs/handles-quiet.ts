// A module that does not import offloop: handles pass through its thread all the same.
import type { LoopHandle } from 'offloop';

let kept: LoopHandle | undefined;

export function keep(handle: LoopHandle): string {
  kept = handle;
  return handle.name;
}

export function giveBack(): LoopHandle | undefined {
  return kept;
}

export function double(n: number): number {
  return 2 * n;
}

/** Loads offloop after the handle has come. */
export async function threadOfKept(): Promise<number> {
  const { jobModule } = await import('offloop');
  const jobs = jobModule<typeof import('./handles.js')>(new URL('./handles.js', import.meta.url));
  return (kept as LoopHandle).run(jobs.whichThread());
}
