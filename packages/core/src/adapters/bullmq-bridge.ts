import type { JobsOptions, Queue } from 'bullmq';

import { consume, InvalidArgumentError, type Consumer, type ConsumeOptions, type Source } from '../index.ts';

export interface BullmqBridgeOptions<T> extends Omit<ConsumeOptions<T>, 'on' | 'concurrency' | 'timeout'> {
  /** The name of BullMQ's jobs. Default: the message's name, which is that of its queue. */
  readonly jobName?: string;
  /** Their options; `jobId` is the bridge's. Default: those of the queue. */
  readonly jobOptions?: Omit<JobsOptions, 'jobId'>;
}

/**
 * Move what arrives in a source, a Redis list for example, into a BullMQ queue: for producers that must stay as they are (`redis-cli
 * lpush queue 5`). A message leaves the source only when BullMQ has it, under a job id that follows from the message's own: when the
 * bridge is killed in between, the second try adds nothing as long as BullMQ keeps the first job (`removeOnComplete`). At
 * least once, therefore. `consumers` (1) is how many are moved at a time; by default none is given up.
 *
 * @example
 * import { memoryQueue } from 'offloop';
 * import { bullmqBridge } from 'offloop/bullmq';
 * import { Queue } from 'bullmq';
 * const queue = new Queue('sums', { connection: { url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' } });
 * const list = memoryQueue<number>(); // or redisList(...) of offloop/redis
 * const bridge = bullmqBridge(list, queue, { consumers: 8 });
 * await list.put(5);
 * await list.join();
 * await bridge.close();
 * await queue.close();
 */
export function bullmqBridge<T>(
  source: Source<T>,
  queue: Pick<Queue, 'add'>,
  { jobName, jobOptions, ...options }: BullmqBridgeOptions<T> = {},
): Consumer<T> {
  if (typeof (queue as Partial<Queue> | undefined)?.add !== 'function')
    throw new InvalidArgumentError(
      'bullmqBridge takes a Queue of BullMQ, which has a method add, as its second argument',
    );
  const other = ['on', 'concurrency', 'timeout'].find((name) => name in options);
  if (other !== undefined)
    throw new InvalidArgumentError(
      `bullmqBridge has no option '${other}': it runs no jobs; how many messages it moves at a time is its option consumers`,
    );
  return consume<T>(
    source,
    async (data, { id, name }) => {
      await queue.add(jobName ?? name, data, { ...jobOptions, jobId: jobIdOf(id) });
    },
    { consumers: 1, attempts: Infinity, ...options },
  );
}

/** BullMQ takes no whole numbers and no colons. */
function jobIdOf(id: string): string {
  return `bridge-${encodeURIComponent(id)}`;
}
