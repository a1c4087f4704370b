import type { Workload } from './workload.ts';
import { endurance } from './workloads/endurance.ts';
import { flights } from './workloads/flight.ts';
import { cpuBound, failures, manyAsync } from './workloads/jobs.ts';
import { oneAtATime, whilePending } from './workloads/latency.ts';
import { payloads } from './workloads/payload.ts';
import { stall } from './workloads/stall.ts';
import { idle, startUp } from './workloads/weight.ts';

/** In the order of the page. */
export const workloads: readonly Workload[] = [
  oneAtATime,
  ...flights,
  ...payloads,
  manyAsync,
  whilePending,
  cpuBound,
  failures,
  stall,
  endurance,
  startUp,
  idle,
];
