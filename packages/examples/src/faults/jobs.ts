// What runs in the threads: the same functions for every contestant, one argument each. Shared words: word 0 counts what a job
// reports, word 1 is a gate that it waits at. What is async is so by name: poolifier tells the two apart by that.
import { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';

export const notAJob = 42;

export function inc(n: number): number {
  return n + 1;
}

export function echo(value: unknown): unknown {
  return value;
}

export function size(bytes: Uint8Array): number {
  return bytes.byteLength;
}

export function make(length: number): Uint8Array {
  return new Uint8Array(length);
}

export function fail(message: string): never {
  throw new TypeError(message);
}

export async function failAsync(message: string): Promise<never> {
  await Promise.resolve();
  throw new TypeError(message);
}

export const strange: Readonly<Record<'null' | 'undefined' | 'string' | 'symbol' | 'function', unknown>> = {
  null: null,
  undefined: undefined,
  string: 'a string',
  symbol: Symbol('mark'),
  function: function culprit() {},
};

export function throwStrange(what: keyof typeof strange): never {
  throw strange[what];
}

class PlainOwnError extends Error {
  override name = 'PlainOwnError';
}

/** Errors with more than a message. */
export function failRichly(what: string): never {
  if (what === 'code and properties')
    throw Object.assign(new RangeError('the top'), { code: 'E_TOP', details: [1, 2] });
  if (what === 'causes') {
    const root = Object.assign(new SyntaxError('the root'), { code: 'E_ROOT' });
    throw new Error('the top', { cause: new Error('the middle', { cause: root }) });
  }
  if (what === 'AggregateError') throw new AggregateError([new TypeError('first'), new Error('second')], 'together');
  if (what === 'DOMException') throw new DOMException('quota is over', 'QuotaExceededError');
  if (what === 'own class') throw Object.assign(new PlainOwnError('of an own class'), { account: 'A1' });
  if (what === 'uncloneable property') throw Object.assign(new Error('the top'), { code: 'E_TOP', hook: () => 1 });
  const error = new Error('huge');
  error.stack = `Error: huge\n${'    at frame (file.js:1:1)\n'.repeat(100_000)}`;
  throw error;
}

export function returnFunction(): unknown {
  return () => 1;
}

export function returnDeeplyUncloneable(): unknown {
  return { user: { list: [1, { onClick: () => 1 }] } };
}

export function returnDeep(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

/** Whether the prototype of all objects is as it should be. */
export function isClean(): boolean {
  return !('polluted' in {});
}

export function rejectInBackground(message: string): string {
  void Promise.reject(new TypeError(message));
  return 'fine';
}

export function rejectAfterwards(message: string): string {
  setTimeout(() => void Promise.reject(new TypeError(message)), 1);
  return 'fine';
}

export function throwInTimer(message: string): string {
  setTimeout(() => {
    throw new TypeError(message);
  }, 1);
  return 'fine';
}

export function throwInEvent(message: string): string {
  const emitter = new EventEmitter();
  emitter.on('it', () => {
    throw new TypeError(message);
  });
  setImmediate(() => emitter.emit('it'));
  return 'fine';
}

export function exit(code: number): void {
  process.exit(code);
}

export function setExitCode(code: number): string {
  process.exitCode = code;
  return 'set';
}

export function resultThenExit(code: number): string {
  setImmediate(() => process.exit(code));
  return 'sent before';
}

/**
 * A chain, not one big array: a huge allocation that fails ends the process, whoever made the thread. And without `fill`,
 * see below: on Node 24 and 26 not even the end of memory ends such a loop.
 */
export function fillMemory(): number {
  let last: unknown;
  for (;;) last = [last, [1, 2, 3, 4, 5, 6, 7, 8]];
}

/** On Node 24 and 26 `terminate()` does not end this loop. */
export function spinFilling(words: Int32Array): void {
  count(words);
  for (;;) new Array(1000).fill(words);
}

export function overflow(): number {
  return 1 + overflow();
}

export function count(words: Int32Array): void {
  Atomics.add(words, 0, 1);
  Atomics.notify(words, 0);
}

export function spin(words: Int32Array): void {
  count(words);
  for (;;);
}

export async function spinMicrotasks(words: Int32Array): Promise<void> {
  count(words);
  for (;;) await Promise.resolve();
}

export function waitForEver(words: Int32Array): void {
  count(words);
  Atomics.wait(words, 1, 0);
}

/** Block outside of JavaScript, where not even `terminate()` reaches. */
export function blockOutside({ words, seconds }: { readonly words: Int32Array; readonly seconds: number }): void {
  count(words);
  execFileSync('sleep', [String(seconds)], { stdio: 'ignore' });
}

export async function never(words: Int32Array): Promise<void> {
  count(words);
  await new Promise(() => {});
}

export function blockAtGate(words: Int32Array): string {
  count(words);
  Atomics.wait(words, 1, 0);
  return 'released';
}

export async function waitAtGate(words: Int32Array): Promise<string> {
  count(words);
  while (Atomics.load(words, 1) === 0) await sleep(2);
  return 'released';
}

/** Rest for that many milliseconds. */
export async function rest(ms: number): Promise<number> {
  await sleep(ms);
  return ms;
}

/** Report, then rest for ten seconds; contestants whose jobs can be told of a cancel have one of their own. */
export async function restLong(words: Int32Array): Promise<void> {
  count(words);
  await sleep(10_000);
}

/** Report, then block for six seconds; contestants whose jobs can be told of a cancel have one of their own. */
export function spinPolitely(words: Int32Array): void {
  count(words);
  const end = performance.now() + 6000;
  while (performance.now() < end);
}

let remembered = 0;

export function remember(n: number): number {
  return (remembered = n);
}

export function recall(): number {
  return remembered;
}

/** Something on the way to the owner that no library has sent. */
export function postGarbage(garbage: unknown): string {
  parentPort?.postMessage(garbage);
  return 'posted';
}

function broken(): never {
  throw new Error('sabotaged');
}

/** Replace what a library may need. */
export function sabotage(): string {
  for (const name of ['Promise', 'setTimeout', 'setImmediate', 'queueMicrotask', 'structuredClone', 'console'])
    Object.assign(globalThis, { [name]: broken });
  process.exit = broken;
  process.nextTick = broken;
  return 'done';
}

export function execArgv(): string[] {
  return process.execArgv;
}

export function flood(lines: number): number {
  for (let i = 1; i <= lines; i++) console.log(`flood ${i}`);
  return lines;
}
