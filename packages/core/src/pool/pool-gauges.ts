import type { EventLoopUtilization } from 'node:perf_hooks';

import type { Clock } from '../base/clock.ts';
import { Histogram } from '../base/histogram.ts';
import { loopInternals } from '../host/loop-internals.ts';
import type { WorkerLoop } from '../host/worker-loop.ts';
import { Sampler } from '../link/sampler.ts';
import type { HeapUse } from '../wire/gauges.ts';

/** What a pool measures, and what its loops tell of themselves, put together. */
export class PoolGauges {
  readonly #sampler: Sampler;
  /** How long calls have waited in the pool. */
  readonly waiting: Histogram = new Histogram();
  /** Of loops that are gone. */
  readonly #former = new Histogram();

  constructor(clock: Clock) {
    this.#sampler = new Sampler(clock);
  }

  /** A call that was submitted at `since` is given to a loop, which has it alone or beside others. */
  assigned(since: number, isAlone: boolean): void {
    const now = this.#sampler.take(isAlone);
    if (now !== undefined) this.waiting.add(Math.max(0, now - since));
  }

  /** The loop is gone; what it has told still counts. */
  left(loop: WorkerLoop): void {
    this.#former.addAll(loopInternals.gaugesOf(loop).running);
  }

  /** Bytes, as the loop told when a call last ended. */
  heapUsed(loop: WorkerLoop): number {
    return loopInternals.gaugesOf(loop).heapUsed;
  }

  running(loops: Iterable<WorkerLoop>): Histogram {
    const all = new Histogram();
    all.addAll(this.#former);
    for (const loop of loops) all.addAll(loopInternals.gaugesOf(loop).running);
    return all;
  }
}

/** The heaps of several loops. */
export function heapOf(loops: readonly WorkerLoop[]): HeapUse {
  const heaps = loops.map((loop) => loopInternals.gaugesOf(loop).heap);
  return Object.freeze({ used: sum(heaps.map(({ used }) => used)), total: sum(heaps.map(({ total }) => total)) });
}

/** How long they were busy and idle, all together. */
export function utilizationOf(loops: readonly WorkerLoop[]): EventLoopUtilization {
  const all = loops.map((loop) => loopInternals.utilizationOf(loop));
  const [idle, active] = [sum(all.map((each) => each.idle)), sum(all.map((each) => each.active))];
  return Object.freeze({ idle, active, utilization: active === 0 ? 0 : active / (idle + active) });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}
