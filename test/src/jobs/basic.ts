// Jobs that most tests use; they run in worker threads.
import { sleep } from 'offloop';

export function add(a: number, b: number): number {
  return a + b;
}

export function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

export async function echo<T>(value: T): Promise<T> {
  await (async () => {})();
  return value;
}

export async function sleepFor(ms: number): Promise<number> {
  await sleep(ms);
  return ms;
}

export async function* countTo(n: number): AsyncGenerator<number, void, undefined> {
  for (let i = 1; i <= n; i++) yield i;
}
