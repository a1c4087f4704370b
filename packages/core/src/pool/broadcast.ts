import type { SettledRecord } from '../asyncio/as-completed.ts';
import { futureInternals, type Future } from '../asyncio/future.ts';
import { carrying, Coroutine } from '../host/coroutine.ts';
import { nothingCarried, type Carried } from '../base/carriers.ts';
import type { WorkerLoop } from '../host/worker-loop.ts';
import type { CallRequest, JobName } from '../link/call-request.ts';

export interface BroadcastOptions {
  /** Cancels the job on every loop where it has not ended. */
  readonly signal?: AbortSignal;
  /** Milliseconds from the begin on each loop; see `run`. */
  readonly timeout?: number;
  /** The name of the tasks, in listings and errors. */
  readonly name?: string;
  /** Also on each loop that starts later, started before anything else. What fails there is an `'error'` event. Default false. */
  readonly later?: boolean;
}

/** A call that is made on every loop. */
export class Broadcast<T> {
  readonly #job: JobName;
  readonly #args: readonly unknown[];
  readonly #carried: Carried;
  readonly #options: { signal?: AbortSignal; timeout?: number; name?: string };

  constructor({ job, args, carried }: CallRequest, { signal, timeout, name }: BroadcastOptions) {
    this.#job = job;
    this.#args = args;
    this.#carried = carried ?? nothingCarried;
    this.#options = {
      ...(signal === undefined ? {} : { signal }),
      ...(timeout === undefined ? {} : { timeout }),
      ...(name === undefined ? {} : { name }),
    };
  }

  runOn(loop: WorkerLoop): Future<T> {
    return loop.run(carrying(new Coroutine<T>(this.#job, this.#args), this.#carried), this.#options);
  }

  /** One record for each loop, when all have settled. */
  async runOnAll(loops: readonly WorkerLoop[]): Promise<SettledRecord<T>[]> {
    const futures = loops.map((loop) => this.runOn(loop));
    return Promise.all(futures.map((future) => recordOf(future)));
  }
}

async function recordOf<T>(future: Future<T>): Promise<SettledRecord<T>> {
  futureInternals.observe(future);
  try {
    return { future, status: 'fulfilled', value: await future };
  } catch (reason) {
    return { future, status: 'rejected', reason };
  }
}
