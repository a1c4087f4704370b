// Jobs that block their thread, in a module that follows no tasks. Word 0 counts what has begun.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';

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

const storage = new AsyncLocalStorage<string>();

/** Block inside of something of Node's that calls back. */
export function foreverInside(what: 'runInAsyncScope' | 'emit' | 'als.run', words: Int32Array): void {
  if (what === 'runInAsyncScope') new AsyncResource('test').runInAsyncScope(() => forever(words));
  else if (what === 'als.run') storage.run('of the dead job', () => forever(words));
  else new EventEmitter().on('event', () => forever(words)).emit('event');
}

/** Block while most of the time is spent in Node's own functions, which must not be stopped half way. */
export function armTimersForever(words: Int32Array): never {
  Atomics.add(words, 0, 1);
  for (;;) clearTimeout(setTimeout(() => {}, 1000));
}

/** What this job sees of `als.run`, now and after an await. */
export async function contexts(): Promise<unknown[]> {
  const now = storage.getStore();
  await new Promise((resolve) => void setTimeout(resolve, 1));
  return [now, storage.getStore()];
}

/** Blocks outside of JavaScript and then goes on, so that it is never told of a cancel before its end. */
export function sleepBlocking(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

export function never(): Promise<never> {
  return new Promise(() => {});
}
