import type { Profiler } from 'node:inspector';

import { systemClock } from '../base/clock.ts';
import { deferred } from '../base/deferred.ts';
import { InspectionError } from '../base/errors.ts';
import { Inspection } from './inspection.ts';

/** Where a thread has spent its time, as Chrome's DevTools and others read it from a `.cpuprofile` file (`JSON.stringify` makes one). */
export type CpuProfile = Profiler.Profile;

/** A thread that is in JavaScript answers at once; to put a long profile together takes it a while. */
const answerMs = 1000;
const resultMs = 30_000;

/** A thread, as who profiles it sees it. */
export interface ProfiledThread {
  readonly threadId: number;
  /** Names it in errors. */
  readonly what: string;
  /** Settles when it has ended. */
  readonly ended: PromiseLike<void>;
  /** It does not come to its messages: one function has it all the time. */
  readonly isStuck: () => Promise<boolean>;
}

/** Profile a thread for `ms` milliseconds. */
export async function profileThread(
  { threadId, what, ended, isStuck }: ProfiledThread,
  ms: number,
): Promise<CpuProfile> {
  // A session of its own: two profiles of one thread at a time do not end each other.
  const inspection = new Inspection();
  let hasEnded = false;
  const ask = async (method: string, limitMs: number = answerMs): Promise<unknown> => {
    if (hasEnded || threadId < 0) throw new InspectionError(`${what} cannot be profiled: its thread has ended`);
    const { promise, resolve, reject } = deferred<unknown>();
    inspection.ask(threadId, method, {}, limitMs, (answer) => {
      if ('result' in answer) resolve(answer.result);
      else reject(new InspectionError(`${what} cannot be profiled: ${answer.problem}`));
    });
    return promise;
  };
  inspection.hold();
  try {
    await ask('Profiler.enable');
    const forgets = (await isStuck()) && process.env['NODE_V8_COVERAGE'] === undefined;
    await ask('Profiler.start');
    if (forgets) {
      // V8 does not know the name of optimized code that was entered before the profile, in the middle of a loop. To begin to
      // count coverage throws all optimized code away, and what comes in its place is known.
      await ask('Profiler.startPreciseCoverage');
      await ask('Profiler.stopPreciseCoverage');
    }
    hasEnded = await isOver(ms, ended);
    return ((await ask('Profiler.stop', resultMs)) as { profile: CpuProfile }).profile;
  } finally {
    inspection.release();
  }
}

/** Wait for the end of the time or of the thread; true when it was that of the thread. */
async function isOver(ms: number, ended: PromiseLike<void>): Promise<boolean> {
  const { promise, resolve } = deferred<boolean>();
  const timer = systemClock.setTimer(ms, () => resolve(false));
  const onEnd = (): void => resolve(true);
  ended.then(onEnd, onEnd);
  try {
    return await promise;
  } finally {
    timer.cancel();
  }
}
