import { intrinsics } from './intrinsics.ts';

// An error that came from another thread has the worker's stack. The first caller that awaits it adds its own stack below,
// so that one trace leads from the throw to the `await`. V8 reconstructs the awaiting frames when an error is captured
// inside the promise chain that rejects, so that a call that succeeds pays nothing for this.

/** Errors from another thread whose stack still lacks the caller's part. */
const unjoined = new WeakSet<Error>();

/** Stacks above this length are cut: a runaway recursion in a worker must not flood the caller. */
export const maxStackLength = 16_384;

/** Remember that `error` came from another thread. */
export function markRemote<E extends Error>(error: E): E {
  unjoined.add(error);
  return error;
}

/**
 * Add the frames of whoever awaits to an error from another thread, once. Call it inside a rejection handler of the
 * chain that is being awaited; `above` is the function whose own frame and those above it are left out.
 */
export function joinAwaiterStack(error: unknown, above: (error: unknown) => unknown): void {
  if (typeof error !== 'object' || error === null || !unjoined.has(error as Error)) return;
  const frames = callerFrames(above);
  if (frames === '') return;
  unjoined.delete(error as Error);
  joinStack(error as Error, 'awaited from', frames);
}

/** Set `stack` without making it enumerable and without failing on an error that is frozen. */
export function setStack(error: Error, stack: string): void {
  const capped =
    stack.length > maxStackLength
      ? `${stack.slice(0, maxStackLength)}\n    ... (cut, ${stack.length} characters)`
      : stack;
  Reflect.defineProperty(error, 'stack', { value: capped, writable: true, configurable: true, enumerable: false });
}

/** The frames of who calls right now, without those of Node itself. Costs some microseconds: for errors and debug mode. */
export function callerFrames(above: object): string {
  const site: { stack?: string } = {};
  Error.captureStackTrace(site, above as () => void);
  const lines = (site.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !line.includes('node:internal'));
  return lines.join('\n');
}

/** Make an error whose own frames would tell nothing, as those of a handler that hears of the end of a thread: they cost the most of it. */
export function frameless<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error;
  // Where it is frozen, nothing is thrown for that.
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** Put a line, and the frames of another place, below the error's own. */
export function joinStack(error: Error, line: string, frames: string): void {
  const below = frames === '' ? '' : `\n${frames}`;
  setStack(error, `${error.stack ?? String(error)}\n    --- ${line} ---${below}`);
}

/** Throw `error` in a turn of its own: Node's uncaughtException, which no caller of ours can swallow by accident. */
export function throwUncaught(error: unknown): void {
  intrinsics.nextTick(() => {
    throw error;
  });
}
