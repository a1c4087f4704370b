import { inspect } from 'node:util';

import type { ConnectionOptions, RedisOptions, WorkerOptions } from 'bullmq';

import { InvalidArgumentError, type Handler, type Intake, type IntakeOptions, type Source } from '../index.ts';
import type { BullmqDelivery } from './bullmq-delivery.ts';
import { BullmqIntake } from './bullmq-intake.ts';
import { aString, readOptions } from './read-options.ts';

const ownedByUs = [
  'autorun',
  'concurrency',
  'connection',
  'maxStalledCount',
  'maxStartedAttempts',
  'prefix',
  'skipLockRenewal',
] as const;

/** What of BullMQ's own options for a Worker is yours to set; the rest follows from what `consume` is told. */
export type BullmqWorkerOptions = Omit<WorkerOptions, (typeof ownedByUs)[number]>;

export interface BullmqSourceOptions {
  /** As BullMQ takes it: `{ url }`, `{ host, port }`, an ioredis client with `maxRetriesPerRequest: null`, … */
  readonly connection: ConnectionOptions;
  /** Of all keys of the queue. Default: BullMQ's, which is `'bull'`. */
  readonly prefix?: string;
  /**
   * Options of BullMQ's Worker: `lockDuration` (30 s: so long after its death a consumer's messages are free, and
   * `stalledInterval` (30 s) until they are looked for), `limiter`, `removeOnComplete` (here a thousand jobs are kept), `telemetry`.
   */
  readonly worker?: BullmqWorkerOptions;
}

const checks = {
  connection: [isObject, "what BullMQ takes, as { url: 'redis://127.0.0.1:6379' } or an ioredis client"],
  prefix: aString,
  worker: [isObject, "an object with options of BullMQ's Worker, as { lockDuration: 60_000 }"],
} as const;

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** What of a client BullMQ would throw for in `consume`, with an Error that names neither the client nor its value. */
function checkClient(connection: ConnectionOptions): void {
  const client = connection as {
    readonly duplicate?: unknown;
    readonly isCluster?: boolean;
    readonly options?: object;
  };
  if (typeof client.duplicate !== 'function') return;
  const { keyPrefix, redisOptions, ...own } = (client.options ?? {}) as RedisOptions;
  const { maxRetriesPerRequest } = client.isCluster === true ? ((redisOptions ?? {}) as RedisOptions) : own;
  if (maxRetriesPerRequest)
    throw new InvalidArgumentError(
      `option connection of bullmqSource is a client with maxRetriesPerRequest ${maxRetriesPerRequest}: it gives up commands that have ` +
        `to wait for a message; make it with { maxRetriesPerRequest: null }, or give { url } in its place`,
    );
  if (keyPrefix)
    throw new InvalidArgumentError(
      `option connection of bullmqSource is a client with keyPrefix ${inspect(keyPrefix)}, which BullMQ's scripts do not know; ` +
        'make it without, and use the option prefix of bullmqSource',
    );
}

/**
 * A BullMQ queue as a source for `consume`: for many machines, and for producers and dashboards that have BullMQ already. What BullMQ
 * offers beside (delays, priorities, cron, flows, rate limits) is set where jobs are added, and works.
 *
 * The message's id and name are those of BullMQ's job. Its `attempts` and `backoff` hold unless `consume` says otherwise; without either
 * there are 3, a second apart, then two, four, … Dead letters are BullMQ's failed jobs: list and retry them with its `Queue` or a
 * dashboard. Give `consume` a loop or a pool (`on`): locks are renewed from the thread that calls `consume`, and it must stay free.
 *
 * Otherwise than with other sources: a message whose consumer was killed waits until its lock has run out and BullMQ looks for stalled
 * jobs, up to a minute; a message that both fails and kills its consumers may get a few deliveries more than its attempts;
 * where BullMQ Workers of other programs take from the same queue, their `maxStalledCount` (1) gives a message up, too.
 *
 * @example
 * import { consume } from 'offloop';
 * import { bullmqSource } from 'offloop/bullmq';
 * await using pool = new LoopPool({ size: 2 });
 * const source = bullmqSource<number>('sums', { connection: { url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' } });
 * await using consumer = consume(source, jobs.fib, { on: pool });
 */
export function bullmqSource<T>(queue: string, options: BullmqSourceOptions): Source<T, BullmqDelivery<T>> {
  if (typeof queue !== 'string' || queue === '' || queue.includes(':'))
    throw new InvalidArgumentError(`bullmqSource takes the name of a queue, without ':'; got ${inspect(queue)}`);
  const read = readOptions<BullmqSourceOptions>('bullmqSource', options, checks);
  if (read.connection === undefined)
    throw new InvalidArgumentError(
      "bullmqSource needs the option connection: where Redis is, as { connection: { url: 'redis://127.0.0.1:6379' } }",
    );
  checkClient(read.connection);
  const ours = ownedByUs.find((name) => name in (read.worker ?? {}));
  if (ours !== undefined)
    throw new InvalidArgumentError(
      `option worker of bullmqSource cannot set ${ours}: it follows from what bullmqSource and consume are told`,
    );
  return {
    name: `bullmq '${queue}'`,
    consume(handler: Handler<BullmqDelivery<T>>, intakeOptions: IntakeOptions<T>): Intake {
      return new BullmqIntake<T>(queue, read, handler, intakeOptions);
    },
  };
}
