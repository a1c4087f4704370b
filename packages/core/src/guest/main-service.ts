import { isMainThread, threadId } from 'node:worker_threads';

import { systemClock } from '../base/clock.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { throwUncaught } from '../base/stacks.ts';
import type { OwnLoop } from '../link/own-loop.ts';
import { JobModules } from './job-modules.ts';
import { Visitors } from './visitors.ts';

const loadTimeoutMs = 10_000;

/** Serve other threads on a loop that nobody owns: the main one. */
export function serveUnowned(): OwnLoop {
  const visitors = new Visitors(isMainThread ? 'main' : `thread ${threadId}`, {
    clock: systemClock,
    modules: new JobModules(systemClock, loadTimeoutMs),
    nextTurn: intrinsics.setImmediate,
    onIdle() {},
    onOccupied() {},
    onCallbackFailed: (_job, error) => throwUncaught(error),
  });
  visitors.open();
  return visitors;
}
