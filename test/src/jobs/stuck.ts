// Jobs that block their thread, in a module that follows no tasks. Word 0 counts what has begun.
let calls = 0;

export function count(): number {
  return ++calls;
}

export function forever(words: Int32Array): never {
  Atomics.add(words, 0, 1);
  for (;;);
}

export async function foreverLater(words: Int32Array): Promise<never> {
  await new Promise((resolve) => void setTimeout(resolve, 1));
  return forever(words);
}

export async function later(ms: number): Promise<string> {
  await new Promise((resolve) => void setTimeout(resolve, ms));
  return 'later';
}
