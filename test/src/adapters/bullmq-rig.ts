// A BullMQ queue on a real Redis, and what an intake of it tells.
import { Queue, type Job, type JobsOptions } from 'bullmq';
import type { DeadLetter, Handler, Intake, IntakeOptions } from 'offloop';
import { bullmqSource, type BullmqDelivery, type BullmqWorkerOptions } from 'offloop/bullmq';

import type { RedisServer } from '../redis/server.js';

/** Locks and looks for stalled jobs, short enough for tests. */
export const quick = { lockDuration: 400, stalledInterval: 200, drainDelay: 0.2 } satisfies BullmqWorkerOptions;

let names = 0;

export class Rig implements AsyncDisposable {
  readonly name: string;
  readonly queue: Queue;
  readonly letters: DeadLetter<unknown>[] = [];
  readonly errors: Error[] = [];
  readonly #redis: RedisServer;
  readonly #intakes: Intake[] = [];

  constructor(redis: RedisServer) {
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
    const intake = source.consume(handler, {
      concurrency: 1,
      onError: (error) => this.errors.push(error),
      onDead: (letter) => this.letters.push(letter),
      ...options,
    });
    this.#intakes.push(intake);
    return intake;
  }

  put(data: unknown, options?: JobsOptions): Promise<Job> {
    return this.queue.add('sms', data, options);
  }

  counts(): Promise<Record<string, number>> {
    return this.queue.getJobCounts('waiting', 'active', 'delayed', 'completed', 'failed');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#intakes.map((intake) => intake.close()));
    await this.queue.close();
  }
}

/** Wait until Redis says so. */
export async function eventually(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
}
