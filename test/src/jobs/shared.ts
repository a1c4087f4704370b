// Jobs that tell through a shared word how far they are, so that a test waits for that and never for a time.
// Word 0 counts what a job reports, word 1 is a gate that a blocked job waits at.
import { checkCancelled, currentTask, getRunningLoop, sleep } from 'offloop';

export function count(word: Int32Array, by = 1): number {
  const before = Atomics.add(word, 0, by);
  Atomics.notify(word, 0);
  return before;
}

export function countBig(word: Int32Array, length: number): string {
  count(word);
  return 'x'.repeat(length);
}

export async function countAsync(word: Int32Array): Promise<void> {
  await null;
  count(word);
}

export function blockAtGate(word: Int32Array): string {
  count(word);
  Atomics.wait(word, 1, 0);
  return 'released';
}

export function spin(word: Int32Array): void {
  count(word);
  for (;;);
}

export async function spinMicrotasks(word: Int32Array): Promise<void> {
  count(word);
  for (;;) await null;
}

export function waitForEver(word: Int32Array): void {
  count(word);
  Atomics.wait(word, 1, 0);
}

/** Block, but look for a cancel. */
export function spinPolitely(word: Int32Array): void {
  count(word);
  for (;;) checkCancelled();
}

/** Append `n` to the list that starts at word 1; word 0 is its length. */
export function append(list: Int32Array, n: number): void {
  list[Atomics.add(list, 0, 1) + 1] = n;
}

let kept: Int32Array = new Int32Array(1);

/** Keep the list, so that `appendKept` can be called with arguments that are small enough to travel in a batch. */
export function keepList(list: Int32Array): void {
  kept = list;
}

/** With anything that is not plain as `extra` the call travels in a message of its own. */
export function appendKept(n: number, _extra?: unknown): void {
  append(kept, n);
}

export async function appendAsync(list: Int32Array, n: number): Promise<void> {
  append(list, n);
  await sleep(1);
}

/** Sleep for ever; the `finally` counts a thousand. */
export async function sleepWithFinally(word: Int32Array): Promise<void> {
  try {
    count(word);
    await sleep(1e8);
  } finally {
    count(word, 1000);
  }
}

/** Wait for ever on something that no cancel reaches. */
export async function never(word: Int32Array): Promise<void> {
  count(word);
  await new Promise(() => {});
}

/** Wait as long as the gate is shut, without blocking the thread. */
export async function waitAtGate(word: Int32Array): Promise<string> {
  count(word);
  while (Atomics.load(word, 1) === 0) await sleep(1);
  return 'released';
}

/** Answers a cancel with a result of its own. */
export async function refuseCancel(word: Int32Array): Promise<string> {
  count(word);
  try {
    await sleep(1e8);
  } catch {
    return 'refused';
  }
  return 'slept';
}

/** Ends when its signal aborts; counts a thousand then. */
export async function waitForAbort(word: Int32Array): Promise<string> {
  const { signal } = currentTask();
  count(word);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  count(word, 1000);
  throw signal.reason;
}

export function startTicking(word: Int32Array): void {
  setInterval(() => count(word), 2);
}

export async function* produce(
  word: Int32Array,
  items: number,
  size = 0,
): AsyncGenerator<number | Uint8Array, void, undefined> {
  try {
    for (let i = 0; i < items; i++) {
      count(word);
      yield size === 0 ? i : new Uint8Array(size).fill(1);
    }
  } finally {
    Atomics.add(word, 1, 1);
  }
}

export async function* failAfter(items: number): AsyncGenerator<number, void, undefined> {
  for (let i = 0; i < items; i++) yield i;
  throw new RangeError('no more items');
}

export function stopOwnLoop(): string {
  getRunningLoop().stop();
  return getRunningLoop().name;
}
