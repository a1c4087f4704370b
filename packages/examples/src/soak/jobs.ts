// What runs in the threads of the soak. Each job behaves in one way, most of them badly.
import { checkCancelled, move, sleep } from 'offloop';

export function add(a: number, b: number): number {
  return a + b;
}

export async function rest(ms: number): Promise<number> {
  await sleep(ms);
  return ms;
}

export function fail(n: number): never {
  throw Object.assign(new RangeError(`no ${n}`), { code: 'E_NO', n });
}

export async function failLater(n: number): Promise<never> {
  await sleep(1);
  fail(n);
}

export function throwNull(): never {
  // oxlint-disable-next-line no-throw-literal
  throw null;
}

export function returnUncloneable(): unknown {
  return { list: [{ hook: () => 1 }] };
}

/** Rest for ever; the `finally` counts in word 0. */
export async function restForEver(words: Int32Array): Promise<void> {
  try {
    await sleep(1e9);
  } finally {
    Atomics.add(words, 0, 1);
  }
}

export function spinPolitely(): void {
  for (;;) checkCancelled();
}

export function spin(): void {
  for (;;);
}

/** What cannot be interrupted costs its thread. */
export async function spinAfterAwait(): Promise<void> {
  await Promise.resolve();
  for (;;);
}

export async function* countTo(n: number): AsyncGenerator<number, void, undefined> {
  for (let i = 1; i <= n; i++) yield i;
}

export async function* failAfter(n: number): AsyncGenerator<number, void, undefined> {
  yield* countTo(n);
  throw new RangeError('no more items');
}

/** Change the first byte and move it back. */
export function touch(bytes: Uint8Array): Uint8Array {
  bytes[0] = (bytes[0] ?? 0) + 1;
  return move(bytes);
}

export function rejectInBackground(): void {
  void Promise.reject(new TypeError('in the background'));
}

export function exit(code: number): void {
  process.exit(code);
}

/** A chain of small objects: a huge allocation that fails ends the process, whoever made the thread. */
export function fillMemory(): void {
  let last: unknown;
  for (;;) last = [last, [1, 2, 3, 4, 5, 6, 7, 8]];
}
