// What runs in the threads: the same module for every contestant, and for main where a workload compares with it.
import { setTimeout as sleep } from 'node:timers/promises';

/** The tiny job. Its result differs from its argument, so that an echo cannot pass for it. */
export function inc(n: number): number {
  return n + 1;
}

export function echo(value: unknown): unknown {
  return value;
}

/** What a job of a service throws. */
export function fail(n: number): never {
  throw Object.assign(new RangeError(`no ${n}`), { code: 'E_NO', n });
}

/** Deliberately slow: CPU-bound, without memory. */
export function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

/** An async function by name, not by its result alone: poolifier tells them apart by that. */
export async function rest(ms: number): Promise<number> {
  await sleep(ms);
  return ms;
}

/** Change the first byte, so that the caller sees that the bytes have been here. */
export function touch(buffer: ArrayBuffer): ArrayBuffer {
  const bytes = new Uint8Array(buffer);
  bytes[0] = (bytes[0] ?? 0) + 1;
  return buffer;
}
