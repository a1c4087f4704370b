import { CloseTimeoutError, LoopClosedError, LoopCrashedError } from '../base/errors.ts';
import { frameless } from '../base/stacks.ts';
import { tally } from '../base/tally.ts';
import type { PendingCall } from '../link/call-table.ts';

/** The thread has ended by itself. `ready`: after its start; `fatal`: the error that ended it, such as ERR_WORKER_OUT_OF_MEMORY. */
export function crashError(loop: string, ready: boolean, exitCode: number, fatal: Error | undefined): LoopCrashedError {
  const why = fatal === undefined ? '' : `: ${fatal.message}`;
  const when = ready ? '' : ' before it was ready';
  return new LoopCrashedError(
    `the thread of loop '${loop}' ended with exit code ${exitCode}${when}${why}`,
    exitCode,
    causedBy(fatal),
    ready ? 'OFFLOOP_LOOP_CRASHED' : 'OFFLOOP_LOOP_START',
  );
}

/** The setup has failed, so the loop never serves. */
export function setupError(loop: string, cause: Error): LoopCrashedError {
  return new LoopCrashedError(
    `the setup of loop '${loop}' failed: ${cause.message}`,
    0,
    { cause },
    'OFFLOOP_LOOP_START',
  );
}

/** The thread has not become ready in time. */
export function startTimeoutError(loop: string, ms: number): LoopCrashedError {
  const why = "its setup has not settled, or the file of the option worker does not import 'offloop/worker'";
  return new LoopCrashedError(
    `loop '${loop}' was not ready within ${ms} ms (option startTimeoutMs): ${why}`,
    1,
    undefined,
    'OFFLOOP_LOOP_START',
  );
}

/** A job blocks the thread beyond its time-out, so the thread is ended. */
export function stuckError(loop: string, call: PendingCall): LoopCrashedError {
  return new LoopCrashedError(
    `loop '${loop}' was ended: job ${call.label} blocked its thread beyond its timeout and did not answer a cancel`,
    1,
  );
}

/** The loop takes no more work; `failure` is what ended it, unless it was closed. */
export function closedError(loop: string, state: string, failure: Error | undefined): LoopClosedError {
  return new LoopClosedError(
    `loop '${loop}' is ${state} and takes no more work; make a new WorkerLoop`,
    causedBy(failure),
  );
}

/** The time of close() was over; `calls` are those that it has ended by force. */
export function closeTimeoutError(loop: string, calls: readonly PendingCall[]): CloseTimeoutError {
  const unsettled = calls.map(({ name, label }) => name ?? label);
  const what = unsettled.length === 0 ? 'tasks or a teardown of its own' : tally(unsettled);
  return new CloseTimeoutError(
    `loop '${loop}' had unsettled work when the time of close() was over, and was terminated: ${what}`,
    unsettled,
  );
}

/** The thread ignores its termination; it is left behind. */
export function abandonedError(loop: string): LoopCrashedError {
  return new LoopCrashedError(`the thread of loop '${loop}' ignores its termination and was abandoned`, -1);
}

/** What a call is given that the end of its thread leaves behind: what ended it, and which job this was. Its stack is that of who awaits it. */
export function lostCallError(
  loop: string,
  { label }: PendingCall,
  failure: Error | undefined,
  closeError: Error | undefined,
): Error {
  return frameless(() => {
    if (failure instanceof LoopCrashedError) {
      return new LoopCrashedError(
        `job ${label} was lost: ${failure.message}`,
        failure.exitCode,
        { cause: failure.cause ?? failure },
        failure.code,
      );
    }
    return new LoopClosedError(`job ${label} was not finished on loop '${loop}': it closed first`, {
      cause: failure ?? closeError,
    });
  });
}

function causedBy(cause: Error | undefined): ErrorOptions | undefined {
  return cause === undefined ? undefined : { cause };
}
