// Jobs that once showed a defect; the tests of review.test.ts tell which.
import { sleep } from 'offloop';

export function throwDeep(depth: number): never {
  let nested: object = {};
  for (let i = 0; i < depth; i++) nested = { nested };
  throw Object.assign(new Error('deep'), { nested });
}

export function instant(n: number): number {
  return n;
}

/** Tells the start, then has the thread for `ms`. */
export function block(started: Int32Array, ms: number): number {
  Atomics.store(started, 0, 1);
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

let gate = new Int32Array(new SharedArrayBuffer(8));

/** For calls whose arguments travel in a batch, where shared memory travels alone. */
export function keepGate(words: Int32Array<SharedArrayBuffer>): void {
  gate = words;
}

/** Has the thread until the gate is open, but no longer than `ms`; says which. */
export function waitAtKeptGate(ms: number): string {
  return Atomics.wait(gate, 1, 0, ms);
}

export async function nap(ms: number): Promise<string> {
  await sleep(ms);
  return 'slept';
}

/** Its cleanup awaits, and counts when it is through. */
export async function* cleansUp(cleaned: Int32Array, foreign: boolean): AsyncGenerator<number> {
  try {
    for (let i = 0; ; i++) {
      yield i;
      if (foreign) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    await sleep(1);
    Atomics.add(cleaned, 0, 1);
  }
}

export async function* ticks(): AsyncGenerator<number> {
  for (let i = 0; ; i++) {
    await sleep(1);
    yield i;
  }
}

export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

export function throwOwnTimeout(): never {
  throw new TimeoutError('my own');
}

export function throwTangled(): never {
  const errors = Array.from({ length: 60 }, (_, i) => new Error(`part ${i}`));
  const all = new AggregateError(errors, 'all');
  for (const error of errors) error.cause = all;
  throw all;
}

export async function neverReady(): Promise<void> {
  await new Promise(() => {});
}
