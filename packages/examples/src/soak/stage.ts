import { jobModule, LoopPool, WorkerLoop, type CloseMode, type JobModule } from 'offloop';

import { Ledger } from './ledger.ts';
import type { Random } from './random.ts';

export const jobs: JobModule<typeof import('./jobs.ts')> = jobModule<typeof import('./jobs.ts')>(
  new URL('./jobs.js', import.meta.url),
);

const resourceLimits = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 8 };

/** A place for a WorkerLoop: when the one that is there has ended, the next one is opened. */
class Berth {
  #loop: WorkerLoop | undefined;
  opened = 0;
  readonly #onError: () => void;

  constructor(onError: () => void) {
    this.#onError = onError;
  }

  get loop(): WorkerLoop {
    if (this.#loop === undefined || this.#loop.isClosed) this.#loop = this.#open();
    return this.#loop;
  }

  /** Close what is there, and open another at once. */
  async replace(mode: CloseMode): Promise<void> {
    const before = this.#loop;
    this.#loop = this.#open();
    // What did not end in time is told; its futures have settled all the same.
    await before?.close({ mode, graceMs: 200 }).catch(() => {});
  }

  async close(): Promise<void> {
    const last = this.#loop;
    this.#loop = undefined;
    await last?.close().catch(() => {});
  }

  #open(): WorkerLoop {
    this.opened++;
    return new WorkerLoop({ resourceLimits }).on('error', this.#onError);
  }
}

/** What the actions of the soak have to work with. */
export class Stage {
  readonly ledger: Ledger = new Ledger();
  readonly random: Random;
  readonly pool: LoopPool;
  /** Shared by many calls, as by the requests of a service. */
  readonly signal: AbortSignal = new AbortController().signal;
  /** Errors that no future carried. */
  unhandled = 0;
  readonly #berths: readonly Berth[];

  constructor(random: Random) {
    this.random = random;
    const onError = (): void => void this.unhandled++;
    this.pool = new LoopPool({ size: 2, resourceLimits, restart: { intensity: Infinity, maxBackoffMs: 50 } });
    this.pool.on('error', onError);
    this.#berths = [new Berth(onError), new Berth(onError)];
  }

  /** One of the loops that are made by themselves. */
  get berth(): Berth {
    return this.#berths[this.random.below(this.#berths.length)] as Berth;
  }

  /** The pool, or a loop. */
  get target(): LoopPool {
    // They have `run` in common, which is what is asked of it here.
    return (this.random.below(2) === 0 ? this.pool : this.berth.loop) as LoopPool;
  }

  get opened(): number {
    return this.#berths.reduce((sum, { opened }) => sum + opened, 0);
  }

  async close(): Promise<void> {
    await Promise.all([this.pool.close(), ...this.#berths.map((berth) => berth.close())]);
  }
}
