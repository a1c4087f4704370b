import type { EventLoopUtilization } from 'node:perf_hooks';

import type { JobName } from '../link/call-request.ts';
import type { Gauges } from '../wire/gauges.ts';
import type { CallHost } from './call-host.ts';
import type { WorkerLoop } from './worker-loop.ts';

/** What the inside of the library may do with a loop and its users may not; filled by `WorkerLoop`. */
export interface LoopInternals {
  hostOf(loop: WorkerLoop): CallHost;
  gaugesOf(loop: WorkerLoop): Gauges;
  zombiesOf(loop: WorkerLoop): number;
  inFlightOf(loop: WorkerLoop): number;
  utilizationOf(loop: WorkerLoop): EventLoopUtilization;
  isLost(loop: WorkerLoop): boolean;
  /** Hear how long jobs have the thread of the loop, in microseconds, when that changes. */
  hearJobTimes(loop: WorkerLoop, fn: (job: JobName, us: number) => void): void;
}

export const loopInternals: LoopInternals = {} as LoopInternals;
