import { jobModule } from 'offloop';

import { trace } from '../jobs/carried.js';

export const carried = jobModule<typeof import('../jobs/carried.js')>(new URL('../jobs/carried.js', import.meta.url));

/** Call `fn` inside of a trace. */
export function as<R>(id: string, fn: () => R): R {
  return trace.run({ id }, fn);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
