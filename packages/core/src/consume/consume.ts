import { readConsumeOptions, type ConsumeOptions } from './consume-options.ts';
import { Consumer } from './consumer.ts';
import type { ConsumeJob } from './job-places.ts';
import type { Delivery, Source } from './source.ts';

/**
 * Work through the messages of a queue: each is a job, on a loop, on a pool, or in this thread. A job that returns acknowledges its
 * message; one that throws has it tried again after a wait (`backoff`), and after its `attempts`, or at once when it throws `Drop`, the
 * message is put to the source's dead letters and `onGiveUp` is called. A message that cannot be parsed, a job that ends its
 * pool's thread, and one that exceeds `timeout` are treated alike, and the consumer goes on. Never are more messages taken
 * than `concurrency`, so what this process has not begun is there for others.
 *
 * What is promised is **at least once**: a process that is killed after a job and before its acknowledgement leaves the message to
 * be done again. `delivery.id` stays the same then: give it to whom the job calls, as an idempotency key.
 *
 * `job` is a job reference, which gets the data; or a function of the data and the delivery. With `on` it gives a coroutine,
 * which runs there; without, it runs here, as one of `consumers` tasks. When a lease is lost, or the consumer closes, the job is
 * cancelled. What was not done when the consumer is closed is given back to the source. A consumer holds the process until it is closed.
 *
 * A loop whose thread a job ends (`process.exit`, out of memory) ends the consumer, and `closed` rejects; a pool replaces the thread, and the
 * other jobs that it had count one attempt, too. Throws InvalidArgumentError for options that cannot be used; trouble of the
 * source is told (`onError`) and survived, also at the start.
 *
 * @example
 * await using pool = new LoopPool({ size: 2 });
 * const queue = memoryQueue<number>();
 * await using consumer = consume(queue, (n, { attempt }) => jobs.fib(n - attempt), {
 *   on: pool, concurrency: 8, attempts: 3, backoff: 100, timeout: 5000,
 *   onGiveUp: (letter) => console.log('given up:', letter.data, String(letter.error)),
 * });
 * await queue.put(20);
 * await queue.join();
 */
export function consume<T, D extends Delivery<T> = Delivery<T>>(
  source: Source<T, D>,
  job: ConsumeJob<T, D>,
  options?: ConsumeOptions<T>,
): Consumer<T> {
  return new Consumer<T>(source, job as ConsumeJob<T>, readConsumeOptions(source, job, options));
}
