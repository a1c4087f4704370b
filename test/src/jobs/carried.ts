// Jobs that tell what has travelled with their call. Imported on both sides: the carriers below are those of each thread.
import { AsyncLocalStorage } from 'node:async_hooks';

import { carry, Coroutine, getRunningLoop, jobModule, sleep, WorkerLoop, type Future } from 'offloop';

import { count } from './shared.js';

export interface Trace {
  readonly id: string;
  readonly extra?: unknown;
}

export const trace = new AsyncLocalStorage<Trace>();
export const tenant = new AsyncLocalStorage<string>();
/** Never part of a call: what a job enters by itself. */
const own = new AsyncLocalStorage<string>();

carry({ name: 'trace', get: () => trace.getStore(), run: (value, fn) => trace.run(value, fn) });
carry({ name: 'tenant', get: () => tenant.getStore(), run: (value, fn) => tenant.run(value, fn) });
/** What its carrier does with the jobs of the calls that are made meanwhile. */
export const odd: { way: 'throw' | 'never' | 'after' | undefined } = { way: undefined };

carry({
  name: 'odd',
  get: () => odd.way,
  run(way, fn) {
    if (way === 'throw') throw new RangeError('odd');
    if (way === 'never') return undefined as ReturnType<typeof fn>;
    fn();
    throw new RangeError('too late');
  },
});

const self = jobModule<typeof import('./carried.js')>(new URL(import.meta.url));

export function id(): string | undefined {
  return trace.getStore()?.id;
}

export function all(): (string | undefined)[] {
  return [trace.getStore()?.id, tenant.getStore(), own.getStore()];
}

export function extra(): unknown {
  return trace.getStore()?.extra;
}

export async function later(): Promise<(string | undefined)[]> {
  const ids = [id()];
  await sleep(1);
  ids.push(id());
  await new Promise((resolve) => void setTimeout(resolve, 1));
  return [...ids, id()];
}

const seen: (string | undefined)[] = [];

export function note(): void {
  seen.push(id());
}

export function noted(): (string | undefined)[] {
  return seen.splice(0);
}

export async function* steps(n: number): AsyncGenerator<(string | undefined)[]> {
  for (let step = 0; step < n; step++) {
    const before = id();
    if (step % 2 === 1) await sleep(1);
    yield [before, id()];
  }
}

/** What a step has entered by itself is not there in other jobs. */
export async function* messySteps(): AsyncGenerator<string | undefined> {
  for (;;) {
    own.enterWith('messy');
    yield id();
  }
}

const places = globalThis as { storage?: AsyncLocalStorage<string> };

/** A setup that lets something travel to jobs that know nothing of it. */
export function carryGlobally(): void {
  const storage = new AsyncLocalStorage<string>();
  places.storage = storage;
  carry({ name: 'global', get: () => storage.getStore(), run: (value, fn) => storage.run(value, fn) });
}

export function global(): string | undefined {
  return places.storage?.getStore();
}

export function fail(text: string): never {
  throw new Error(text);
}

export function failInBackground(text: string): void {
  void sleep(1).then(() => fail(text));
}

/** Leaves contexts behind, as far as Node lets it. */
export function enter(name: string): void {
  trace.enterWith({ id: name });
  own.enterWith(name);
}

export function stuck(words: Int32Array): never {
  count(words);
  for (;;);
}

export async function stuckInSomething(words: Int32Array): Promise<never> {
  return own.run('stuck', () => stuck(words));
}

export function crashOnce(words: Int32Array): string | undefined {
  if (count(words) === 0) process.exit(7);
  return id();
}

export function exit(): void {
  process.exit(7);
}

/** Calls on: as a coroutine that is given back, as one that is awaited, by the executor of its thread, and on a loop of its own. */
export function passedOn(): Coroutine<string | undefined> {
  return self.id();
}

export async function awaited(): Promise<string | undefined> {
  await sleep(1);
  return self.id();
}

export async function executed(): Promise<string | undefined> {
  const future: Future<string | undefined> = getRunningLoop().runInExecutor(null, self.id());
  return future;
}

export async function nested(): Promise<(string | undefined)[]> {
  await using loop = new WorkerLoop();
  return loop.run(self.all());
}
