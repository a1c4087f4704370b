import { loopInternals } from '../host/loop-internals.ts';
import type { PoolCore } from './pool-core.ts';
import { heapOf, utilizationOf } from './pool-gauges.ts';
import type { PoolStats } from './pool-types.ts';

/** What a pool tells of itself and its loops. */
export function poolStats({ crew, state }: PoolCore, unhandled: number): PoolStats {
  const loops = [...crew.members].map(({ loop }) => loop);
  return Object.freeze({
    state,
    loops: loops.length,
    waiting: crew.dispatch.waiting,
    inFlight: crew.inFlight,
    settled: crew.settled,
    waitTime: crew.gauges.waiting.summary(),
    runTime: crew.gauges.running(loops).summary(),
    utilization: utilizationOf(loops),
    heap: heapOf(loops),
    restarts: crew.replacements.restarts,
    reruns: crew.reruns,
    zombies: loops.reduce((sum, loop) => sum + loopInternals.zombiesOf(loop), 0),
    lost: crew.replacements.lost,
    unhandled,
  });
}
