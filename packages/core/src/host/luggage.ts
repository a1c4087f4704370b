import { isMainThread, type Transferable } from 'node:worker_threads';

import { entryUrl } from '../base/entry.ts';
import { handleOf } from '../link/handle-shell.ts';
import { mainContact } from '../link/own-loop.ts';
import { Introductions, liftHandles, portsOf } from '../link/travelling-handles.ts';
import type { GaugeBuffers } from '../wire/gauges.ts';
import type { Init, InitRings, NamedJob } from '../wire/init.ts';
import type { CompleteLoopOptions } from './loop-options.ts';

/** A setup or teardown, with what of its arguments moves to the thread. */
export interface PackedJob {
  readonly job: NamedJob;
  readonly transfer: readonly Transferable[];
}

/** What a new thread is given on its way. Handles are taken out of the values, and sent beside them. */
export class Luggage {
  readonly workerData: unknown;
  readonly init: Omit<Init, 'key' | 'port' | 'threads'>;
  readonly transfer: readonly Transferable[];
  readonly #drop: () => void;

  constructor(
    { name, workerData, slowCallbackMs, loadTimeoutMs }: CompleteLoopOptions,
    setup: PackedJob | undefined,
    teardown: PackedJob | undefined,
    rings: InitRings | undefined,
    gauges: GaugeBuffers,
  ) {
    const introductions = new Introductions();
    const values = [workerData, setup?.job.args, teardown?.job.args];
    const { root, found } = liftHandles(values) ?? { root: values, found: [] };
    const [data, setupArgs, teardownArgs] = root as typeof values;
    const loops = introductions.make(found);
    // Where the owner is the main thread, it is asked for the way there when that is needed.
    const contact = isMainThread ? undefined : mainContact();
    const main = contact && introductions.make([{ path: [], handle: handleOf(contact) }])[0];
    const ports = portsOf(main === undefined ? loops : [...loops, main]);
    this.workerData = data;
    this.init = {
      name,
      rings,
      gauges,
      entry: entryUrl(),
      setup: withArguments(setup, setupArgs),
      teardown: withArguments(teardown, teardownArgs),
      slowCallbackMs,
      loadTimeoutMs,
      loops,
      main,
    };
    this.transfer = [...(setup?.transfer ?? []), ...(teardown?.transfer ?? []), ...ports];
    this.#drop = () => {
      for (const port of ports) port.close();
    };
  }

  /** The thread was not made. */
  drop(): void {
    this.#drop();
  }
}

function withArguments(packed: PackedJob | undefined, args: unknown): NamedJob | undefined {
  return packed === undefined ? undefined : { ...packed.job, args: args as readonly unknown[] };
}
