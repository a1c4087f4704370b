// A BullMQ queue on a real Redis, and what an intake of it tells.
import { Queue, type Job, type JobsOptions } from 'bullmq';
import type { Handler, Intake, IntakeOptions } from 'offloop';
import { bullmqSource, type BullmqDelivery, type BullmqWorkerOptions } from 'offloop/bullmq';

import type { RedisServer } from '../redis/server.js';
import { IntakeRig } from './intake-rig.js';

export { eventually } from './intake-rig.js';

/** Locks and looks for stalled jobs, short enough for tests; a lock that is longer than this process may stand still. */
export const quick = { lockDuration: 2000, stalledInterval: 200, drainDelay: 0.2 } satisfies BullmqWorkerOptions;

let names = 0;

export class Rig extends IntakeRig<unknown> implements AsyncDisposable {
  readonly name: string;
  readonly queue: Queue;
  readonly #redis: RedisServer;

  constructor(redis: RedisServer) {
    super();
    this.#redis = redis;
    this.name = `source${++names}`;
    this.queue = new Queue(this.name, { connection: { url: redis.url } });
    this.queue.on('error', () => {});
  }

  consume(
    handler: Handler<BullmqDelivery<unknown>>,
    options: Partial<IntakeOptions<unknown>> = {},
    worker: BullmqWorkerOptions = {},
  ): Intake {
    const source = bullmqSource<unknown>(this.name, {
      connection: { url: this.#redis.url },
      worker: { ...quick, ...worker },
    });
    return this.take(source, handler, options);
  }

  put(data: unknown, options?: JobsOptions): Promise<Job> {
    return this.queue.add('sms', data, options);
  }

  counts(): Promise<Record<string, number>> {
    return this.queue.getJobCounts('waiting', 'active', 'delayed', 'completed', 'failed');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeIntakes();
    await this.queue.close();
  }
}
