import { LoopClosedError, LoopCrashedError, type WorkerLoop } from '../index.ts';

/** What hears of the end of a loop's thread, with a maker of the error for each thing that was asked of it. */
export interface EndListener {
  onLoopEnd(errorFor: (what: string) => Error): void;
}

const ends = new WeakMap<WorkerLoop, Set<EndListener>>();

/** Tell `listener` when the loop's thread has ended, also when it has already. One listener of the loop serves them all. */
export function onLoopEnd(loop: WorkerLoop, listener: EndListener): void {
  let listeners = ends.get(loop);
  if (listeners === undefined) {
    listeners = new Set();
    ends.set(loop, listeners);
    tellAtEnd(loop, listeners);
  }
  listeners.add(listener);
}

export function offLoopEnd(loop: WorkerLoop, listener: EndListener): void {
  ends.get(loop)?.delete(listener);
}

function tellAtEnd(loop: WorkerLoop, listeners: Set<EndListener>): void {
  const tell = (error: unknown): void => {
    ends.delete(loop);
    for (const each of listeners) each.onLoopEnd((what) => endError(loop.name, what, error));
  };
  if (loop.state === 'closed') {
    void loop.closed.then(
      () => tell(undefined),
      (error: unknown) => tell(error),
    );
  } else loop.once('exit', (_code, error) => tell(error));
}

function endError(loop: string, what: string, cause: unknown): Error {
  const asked = `${what} was not answered: `;
  if (cause instanceof LoopCrashedError)
    return new LoopCrashedError(`${asked}${cause.message}`, cause.exitCode, { cause });
  const options = cause === undefined ? undefined : { cause };
  return new LoopClosedError(`${asked}loop '${loop}' was closed`, options);
}
