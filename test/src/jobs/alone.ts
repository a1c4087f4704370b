// Does not import offloop: its thread follows no tasks, and a job that returns a plain value has none.

/** Block the thread until the gate opens; see shared.ts for the words. */
export function blockAtGate(word: Int32Array): string {
  Atomics.add(word, 0, 1);
  Atomics.wait(word, 1, 0);
  return 'released';
}

export function count(word: Int32Array): number {
  return Atomics.add(word, 0, 1);
}

export function fail(message: string): never {
  throw new RangeError(message);
}

export async function waitThen(value: string): Promise<string> {
  await null;
  return value;
}

export async function* upTo(n: number): AsyncGenerator<number> {
  for (let i = 1; i <= n; i++) yield i;
}

export function uncloneable(): () => void {
  return () => {};
}
