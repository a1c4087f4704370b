// What consumers do with messages in the tests; all of it runs in worker threads.
import { checkCancelled, consume, currentTask, Drop, memoryQueue, sleep } from 'offloop';

/** Reports in words[0] that a message was begun, and waits until words[1] is set. */
export async function workAtGate(n: number, words: Int32Array): Promise<number> {
  Atomics.add(words, 0, 1);
  while (Atomics.load(words, 1) === 0) await sleep(1);
  return n;
}

/** As the message says: to return, fail, drop, end the thread, or hang. */
export async function obey(order: string): Promise<string> {
  if (order === 'block') for (;;);
  await sleep(1);
  if (order === 'fail') throw new RangeError('it failed');
  if (order === 'drop') throw new Drop('no such number');
  if (order === 'exit') process.exit(7);
  if (order === 'hang') await new Promise(() => {});
  if (order === 'uncloneable') return (() => 1) as never;
  return `done ${order}`;
}

export function double(n: number): number {
  return n * 2;
}

/** Takes its cancel, and needs `ms` to clean up; words[0] counts the begins, words[2] the cleanups. */
export async function cleanUp(words: Int32Array, ms: number): Promise<void> {
  Atomics.add(words, 0, 1);
  try {
    await sleep(60_000);
  } finally {
    await new Promise((resolve) => void setTimeout(resolve, ms));
    Atomics.add(words, 2, 1);
  }
}

/** Does not heed its cancel: it goes on until words[1] is set. */
export async function resist(words: Int32Array): Promise<void> {
  Atomics.add(words, 0, 1);
  while (Atomics.load(words, 1) === 0) await new Promise((resolve) => void setTimeout(resolve, 1));
}

/** Takes its cancel for a reason to end well. */
export async function endWell(words: Int32Array): Promise<string> {
  Atomics.add(words, 0, 1);
  while (!(currentTask()?.signal.aborted ?? false)) await new Promise((resolve) => void setTimeout(resolve, 1));
  return 'all the same';
}

export function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) checkCancelled();
}

/**
 * A queue and its coroutine consumers, inside of the loop: gives what was done, in the order in which it ended. Each message waits
 * for those that were begun behind it, as far as there are consumers to begin them.
 */
export async function consumeHere(messages: number, consumers: number): Promise<number[]> {
  const queue = memoryQueue<number>();
  const done: number[] = [];
  let begun = 0;
  await using consumer = consume(
    queue,
    async (n) => {
      begun++;
      while (begun < Math.min(n - 1 + consumers, messages) || begun - n > done.length) await sleep(1);
      done.push(n);
    },
    { consumers },
  );
  for (let n = 1; n <= messages; n++) queue.putNowait(n);
  await queue.join();
  return consumer.stats().failed === 0 ? done : [];
}
