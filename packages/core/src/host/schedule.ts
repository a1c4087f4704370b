import { takeAlong } from '../base/carriers.ts';
import { InvalidArgumentError } from '../base/errors.ts';
import { anAbortSignal, anArray, aString, milliseconds, mustBe, readOptions, shown } from '../base/options.ts';
import { makeRequest, requestWith } from '../link/call-request.ts';
import { CallKind } from '../wire/frames.ts';
import type { CallHost } from './call-host.ts';
import { takeCoroutine } from './coroutine.ts';
import { CallbackHandle, type Handle } from './handle.ts';
import { jobOfReference } from './job-reference.ts';
import { JobRun } from './job-run.ts';
import type { RunOptions } from './loop-types.ts';

// What a WorkerLoop and a LoopHandle have in common: how work is given to a loop.

const runChecks = { signal: anAbortSignal, timeout: milliseconds, name: aString, transfer: anArray };

/** Run a coroutine on a loop. */
export function runOn<T>(host: CallHost, coroutine: unknown, options: RunOptions | undefined): JobRun<T> {
  if (options !== undefined) return runWith(host, coroutine, options);
  const request = takeCoroutine('loop.run', coroutine);
  host.isUnflushed = true;
  return new JobRun<T>(host, request, undefined, undefined);
}

function runWith<T>(host: CallHost, coroutine: unknown, options: RunOptions): JobRun<T> {
  const read = readOptions('run', options, runChecks);
  const request = takeCoroutine('loop.run', coroutine);
  host.isUnflushed = true;
  return new JobRun<T>(host, requestWith(request, read), read.signal, read.timeout);
}

/** Schedule a callback on a loop, as soon as it comes to it. */
export function callSoonOn(host: CallHost, reference: unknown, args: readonly unknown[]): Handle {
  return schedule(host, 'callSoonThreadsafe', reference, args, 0);
}

/** The same after `ms` milliseconds. */
export function callLaterOn(host: CallHost, ms: number, reference: unknown, args: readonly unknown[]): Handle {
  mustBe('the delay of callLaterThreadsafe', ms, milliseconds);
  return schedule(host, 'callLaterThreadsafe', reference, args, host.clock.now() + ms);
}

function schedule(host: CallHost, what: string, reference: unknown, args: readonly unknown[], dueAt: number): Handle {
  const job = jobOfReference(reference);
  if (job === undefined) {
    throw new InvalidArgumentError(
      `${what} takes a job reference and its arguments, as in ${what}(jobs.fib, 30); got ${shown(reference)}. A function of this thread cannot travel to another: export it from a job module`,
    );
  }
  host.mustTakeWork();
  host.isUnflushed = true;
  const request = makeRequest(job, args, CallKind.callback, dueAt, undefined, undefined, takeAlong());
  return new CallbackHandle(host, request);
}
