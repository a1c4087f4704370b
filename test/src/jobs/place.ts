// Jobs that look at their thread, or change it.
import { isMainThread, MessagePort, parentPort, threadId, workerData } from 'node:worker_threads';

import { getRunningLoop, move, sleep } from 'offloop';

export function where(): { name: string; threadId: number; isMain: boolean } {
  return { name: getRunningLoop().name, threadId, isMain: isMainThread };
}

export function execArgv(): string[] {
  return process.execArgv;
}

export function environment(key: string): string | undefined {
  return process.env[key];
}

export function data(): unknown {
  return workerData;
}

export function prototypeKeys(): string[] {
  const keys: string[] = [];
  for (const key in {}) keys.push(key);
  return keys;
}

export function describe(value: unknown): string {
  return Object.prototype.toString.call(value);
}

/** The own keys of a value and of the prototype of plain objects. */
export function keysOf(value: object): { own: string[]; polluted: boolean } {
  return { own: Object.keys(value), polluted: 'polluted' in {} };
}

export function sum(bytes: Uint8Array): number {
  let total = 0;
  for (const each of bytes) total += each;
  return total;
}

export function lengthOf(bytes: Uint8Array): number {
  return bytes.byteLength;
}

export function movedBack(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return move(bytes);
}

export function ask(port: MessagePort): void {
  port.postMessage('asked');
  port.close();
}

export function postToParent(value: unknown): string {
  parentPort?.postMessage(value);
  return 'posted';
}

export async function replaceGlobals(): Promise<string> {
  const broken = (): never => {
    throw new Error('a job has replaced this');
  };
  Object.assign(globalThis, {
    Promise: broken,
    console: undefined,
    setTimeout: broken,
    clearTimeout: broken,
    setImmediate: broken,
    queueMicrotask: broken,
    structuredClone: broken,
    AbortController: broken,
  });
  Object.assign(process, { exit: broken, nextTick: broken, emitWarning: broken, hrtime: broken });
  await null;
  return 'replaced';
}

/** Uses the library after globals were replaced. */
export async function nap(): Promise<string> {
  await sleep(1);
  return 'napped';
}

export function print(lines: number, text: string): string {
  for (let i = 1; i <= lines; i++) console.log(`${text} ${i}`);
  return 'printed';
}

const state = { value: 0 };

/** What the module remembers between jobs. */
export function remember(by: number): number {
  state.value += by;
  return state.value;
}

export async function setUp(value: number): Promise<void> {
  await sleep(1);
  state.value = value;
}

export function tearDown(word: Int32Array): void {
  Atomics.add(word, 0, 1);
}

export function failSetUp(message: string): void {
  throw new RangeError(message);
}

/** The first of the words, after a while. */
export async function readLater(ms: number, words: Int32Array): Promise<number | undefined> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return words[0];
}

/** Counts its calls, and those that see what another has left on their argument. */
export function leaveMark(note: { readonly words: Int32Array; marked?: boolean }): void {
  Atomics.add(note.words, 0, 1);
  if (note.marked === true) Atomics.add(note.words, 1, 1);
  note.marked = true;
}
