import { watchExit, type ExitingLoop } from './exit-hook.ts';
import type { CloseMode } from './shutdown.ts';

/** A loop that has a thread. */
export interface LiveLoop extends ExitingLoop {
  /** It was given work since its output was last flushed. */
  isUnflushed: boolean;
  /** Resolves when everything that its thread has printed so far has arrived here, or soon when the thread is blocked. */
  flushOutput(): Promise<void>;
  close(options: { readonly mode: CloseMode; readonly graceMs: number }): Promise<void>;
}

const loops = new Set<LiveLoop>();
let listening = false;

/** The loops of this thread that have a thread of their own right now. */
export function liveLoops(): ReadonlySet<LiveLoop> {
  return loops;
}

export function addLiveLoop(loop: LiveLoop): void {
  loops.add(loop);
  if (listening) return;
  listening = true;
  process.on('beforeExit', flushAll);
  watchExit(loops);
}

export function removeLiveLoop(loop: LiveLoop): void {
  loops.delete(loop);
}

/**
 * When the process has nothing left to do, daemon threads die with it. What they printed before is on its way, in chunks
 * for which the thread waits; fetch that first. Node emits `beforeExit` again after this has kept it busy.
 */
function flushAll(): void {
  for (const loop of loops) {
    if (!loop.isUnflushed) continue;
    loop.isUnflushed = false;
    void loop.flushOutput();
  }
}
