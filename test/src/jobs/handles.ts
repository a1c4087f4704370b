// Jobs that call other loops through their handles.
import { threadId, workerData } from 'node:worker_threads';

import {
  getLoopHandle,
  getMainLoop,
  jobModule,
  runCoroutineThreadsafe,
  sleep,
  WorkerLoop,
  type LoopHandle,
} from 'offloop';

import { count } from './shared.ts';

const self = jobModule<typeof import('./handles.js')>(new URL('./handles.js', import.meta.url));
const shared = jobModule<typeof import('./shared.js')>(new URL('./shared.js', import.meta.url));
const faulty = jobModule<typeof import('./faulty.js')>(new URL('./faulty.js', import.meta.url));
const quiet = jobModule<typeof import('./handles-quiet.js')>(new URL('./handles-quiet.js', import.meta.url));

export function whichThread(): number {
  return threadId;
}

export async function threadOf(handle: LoopHandle): Promise<number> {
  return handle.run(self.whichThread());
}

export async function threadsIn(box: {
  readonly list: readonly LoopHandle[];
  readonly by: { a: LoopHandle };
}): Promise<number[]> {
  return Promise.all([...box.list, box.by.a].map((handle) => handle.run(self.whichThread())));
}

export function areSame(a: LoopHandle, b: LoopHandle): boolean {
  return a === b;
}

export function isSelf(box: { self: unknown; handle: LoopHandle }): boolean {
  return box.self === box && box.handle === getLoopHandle();
}

export async function threadOfMain(): Promise<number> {
  return getMainLoop().run(self.whichThread());
}

export async function threadOfMainFromWithin(): Promise<number> {
  await using loop = new WorkerLoop();
  return loop.run(self.threadOfMain());
}

export function ownHandle(): LoopHandle {
  return getLoopHandle();
}

const ownLoops: WorkerLoop[] = [];

/** Of a loop that this thread owns. */
export function nestedHandle(): LoopHandle {
  const loop = new WorkerLoop({ daemon: true });
  ownLoops.push(loop);
  return loop.handle;
}

export function wrapped(handle: LoopHandle): { handles: LoopHandle[] } {
  return { handles: [handle] };
}

export async function* handlesOneByOne(handles: LoopHandle[]): AsyncGenerator<LoopHandle> {
  yield* handles;
}

/** Sends a handle on, to where it is called. */
export async function passOn(to: LoopHandle, handle: LoopHandle): Promise<number> {
  return to.run(self.threadOf(handle));
}

let kept: LoopHandle | undefined;

export function keep(handle: LoopHandle): void {
  kept = handle;
}

/** When the loop of a handle that was never used is known to take no more work (or is not, for seconds): a first use. */
export async function useKeptWhenClosed(): Promise<unknown[]> {
  const handle = kept as LoopHandle;
  for (let tries = 0; tries < 3000 && !handle.isClosed; tries++) await sleep(1);
  return [handle.isClosed, await handle.run(self.whichThread()).catch((error: unknown) => (error as Error).message)];
}

export async function threadOfKept(): Promise<number> {
  return (kept as LoopHandle).run(self.whichThread());
}

/** Of a handle that stands in workerData, under `loop` or as a whole. */
export async function threadOfData(): Promise<number> {
  const { loop } = workerData as { loop?: LoopHandle };
  return (loop ?? (workerData as LoopHandle)).run(self.whichThread());
}

export function whatDataIs(): string {
  return String(Object.getPrototypeOf(workerData)?.constructor?.name);
}

export async function relay(handle: LoopHandle, word: Int32Array, items: number): Promise<number[]> {
  const got: number[] = [];
  for await (const item of handle.run(shared.produce(word, items))) got.push(item as number);
  return got;
}

export async function takeSome(handle: LoopHandle, word: Int32Array, wanted: number): Promise<number[]> {
  const got: number[] = [];
  for await (const item of handle.run(shared.produce(word, 1e6))) {
    got.push(item as number);
    if (got.length === wanted) break;
  }
  return got;
}

/** Fifty callbacks, then a call that gives what they have noted. */
export async function inOrder(handle: LoopHandle, list: Int32Array): Promise<void> {
  for (let n = 0; n < 50; n++) {
    if (n % 2 === 0) handle.callSoonThreadsafe(shared.append, list, n);
    else void handle.run(shared.append(list, n));
  }
  await handle.run(shared.append(list, 50));
}

/** Later by the times, not by the order; gives whether they were asked for within so short a time that it is their order. */
export async function later(handle: LoopHandle, list: Int32Array): Promise<boolean> {
  const asked = performance.now();
  handle.callLaterThreadsafe(60, shared.append, list, 2);
  handle.callLaterThreadsafe(20, shared.append, list, 1);
  handle.callLaterThreadsafe(60, shared.append, list, 3);
  const taken = handle.callLaterThreadsafe(20, shared.append, list, 9).cancel();
  const isClear = performance.now() - asked < 20;
  while (Atomics.load(list, 0) < (taken ? 3 : 4)) await sleep(1);
  return isClear && taken;
}

export async function failThere(handle: LoopHandle): Promise<unknown> {
  return runCoroutineThreadsafe(faulty.fail('no luck'), handle);
}

/** Nobody waits for it. */
export function failThereUnawaited(handle: LoopHandle, how: 'callback' | 'future'): void {
  if (how === 'callback') handle.callSoonThreadsafe(faulty.fail, 'in a callback');
  else void handle.run(faulty.fail('in a future'));
}

/** Cancels what has begun, and what has not. */
export async function cancelThere(handle: LoopHandle, word: Int32Array): Promise<unknown[]> {
  const running = handle.run(shared.sleepWithFinally(word));
  while (Atomics.load(word, 0) < 1) await sleep(1);
  const blocking = handle.run(shared.blockAtGate(word));
  while (Atomics.load(word, 0) < 2) await sleep(1);
  const queued = handle.run(shared.count(word, 1e6));
  const outcomes = [queued.cancel(), queued.state, running.cancel(), running.state];
  Atomics.store(word, 1, 1);
  Atomics.notify(word, 1);
  await Promise.allSettled([running, blocking, queued]);
  return [...outcomes, running.state, queued.state];
}

/** Cancelled while it awaits: the cancel travels on. */
export async function awaitThere(handle: LoopHandle, word: Int32Array): Promise<void> {
  await handle.run(shared.sleepWithFinally(word));
}

export async function timeOutThere(handle: LoopHandle, word: Int32Array): Promise<unknown> {
  return handle.run(shared.sleepWithFinally(word), { timeout: 20 });
}

export async function blockThere(handle: LoopHandle, word: Int32Array): Promise<unknown> {
  return handle.run(shared.blockAtGate(word), { timeout: 20 });
}

export async function blockFor(handle: LoopHandle, word: Int32Array, ms: number): Promise<string> {
  return handle.run(self.blockHere(word, ms));
}

export function blockHere(word: Int32Array, ms: number): string {
  count(word);
  Atomics.wait(word, 1, 0, ms);
  return 'blocked';
}

/** Start something there and keep it going. */
export function startThere(handle: LoopHandle, word: Int32Array): void {
  void handle.run(shared.sleepWithFinally(word));
}

/** Schedule something there, and end this thread. */
export async function callAndExit(handle: LoopHandle, word: Int32Array): Promise<void> {
  void handle.run(shared.sleepWithFinally(word)).catch(() => {});
  handle.callSoonThreadsafe(shared.waitAtGate, word);
  // The first of a turn leaves at once, the rest at its end.
  await null;
  while (Atomics.load(word, 0) < 2) Atomics.wait(word, 0, Atomics.load(word, 0), 5);
  process.exit(0);
}

/** Calls when word 1 says so; until then it hears of nothing. */
export async function callWhenTold(handle: LoopHandle, word: Int32Array): Promise<unknown> {
  await handle.run(self.whichThread());
  count(word);
  Atomics.wait(word, 1, 0);
  const wasClosed = handle.isClosed;
  return handle.run(self.whichThread()).catch((error: unknown) => [wasClosed, (error as Error).message]);
}

/** Its future, then what a call after that gives. */
export async function outcomesThere(handle: LoopHandle, word: Int32Array): Promise<string[]> {
  const outcome = (work: PromiseLike<unknown>): Promise<string> =>
    Promise.resolve(work).then(
      (value) => `done ${String(value)}`,
      (error: { name: string; exitCode?: number }) =>
        error.exitCode === undefined ? error.name : `${error.name} ${error.exitCode}`,
    );
  const first = await outcome(handle.run(shared.waitAtGate(word)));
  const stream = await outcome(
    (async () => {
      for await (const _ of handle.run(shared.produce(word, 1))) count(word);
    })(),
  );
  return [first, stream, await outcome(handle.run(self.whichThread())), String(handle.isClosed)];
}

/** The second call of a turn waits for its end, which does not come while this thread blocks for what that call leads to. */
export function scheduleThenBlock(busy: LoopHandle, waiting: LoopHandle, word: Int32Array): string {
  busy.callSoonThreadsafe(shared.count, word);
  busy.callSoonThreadsafe(shared.count, word);
  return waiting.run(self.blockUntilTwo(word)).resultSync(10_000);
}

export function blockUntilTwo(word: Int32Array): string {
  for (let tries = 0; tries < 5000 && Atomics.load(word, 0) < 2; tries++)
    Atomics.wait(word, 0, Atomics.load(word, 0), 1);
  return `counted ${Atomics.load(word, 0)}`;
}

export function waitSync(handle: LoopHandle, ms: number): number {
  return handle.run(self.whichThread()).resultSync(ms);
}

/** Blocks for one that blocks for one … and the last of them answers. */
export function chainSync(handles: LoopHandle[]): number {
  const [next, ...rest] = handles;
  return next === undefined ? threadId : next.run(self.chainSync(rest)).resultSync(10_000);
}

/** Where they come from is told, so that all of them wait at the same time. */
export function meetSync(next: LoopHandle, word: Int32Array, wanted: number): string {
  Atomics.add(word, 0, 1);
  while (Atomics.load(word, 0) < wanted);
  try {
    return `got ${next.run(self.whichThread()).resultSync(10_000)}`;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

export function exitThereSync(handle: LoopHandle): string {
  try {
    handle.run(faulty.exit(4)).resultSync(10_000);
    return 'a result';
  } catch (error) {
    return (error as Error).name;
  }
}

/** Answers with the result of one sync call after another, each there and back. */
export function pingSync(handle: LoopHandle, times: number): number {
  let sum = 0;
  for (let n = 0; n < times; n++) sum += handle.run(quiet.double(n)).resultSync(10_000);
  return sum;
}
