import type { CloseMode } from './shutdown.ts';

/** A loop that has a thread. */
export interface LiveLoop {
  /** Resolves when everything that its thread has printed so far has arrived here, or soon when the thread is blocked. */
  flushOutput(): Promise<void>;
  close(options: { readonly mode: CloseMode; readonly graceMs: number }): Promise<void>;
}

const loops = new Set<LiveLoop>();
/** Loops that were given work since their output was last flushed. */
const unflushed = new Set<LiveLoop>();
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
}

export function removeLiveLoop(loop: LiveLoop): void {
  loops.delete(loop);
  unflushed.delete(loop);
}

/** The loop was given work: its thread may print. */
export function markUnflushed(loop: LiveLoop): void {
  if (loops.has(loop)) unflushed.add(loop);
}

/**
 * When the process has nothing left to do, daemon threads die with it. What they printed before is on its way, in chunks
 * for which the thread waits; fetch that first. Node emits `beforeExit` again after this has kept it busy.
 */
function flushAll(): void {
  const flushing = [...unflushed];
  unflushed.clear();
  for (const loop of flushing) void loop.flushOutput();
}
