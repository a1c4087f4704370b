// What the probes have in common: a job that is to fail, with another one beside it, and one more afterwards.
import { inspect } from 'node:util';

import type { ProcessEnd } from './row.ts';
import { patienceMs, pause, until, type Call, type Ending, type Scene } from './scene.ts';
import type { CallOptions } from './subject.ts';
import { show, type Finding } from './verdict.ts';

/** Shared words: word 0 counts what a job reports, word 1 is a gate (see `jobs.ts`). */
export function sharedWords(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(8));
}

export function openGate(words: Int32Array): void {
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
}

/** Wait until a job has reported; false when it never does. */
export function reported(words: Int32Array): Promise<boolean> {
  return until(() => Atomics.load(words, 0) > 0);
}

/** A rejection, whose reason `check` may find wanting. */
export function rejects(ending: Ending, check?: (reason: unknown) => Finding | undefined): Finding[] {
  if (ending.is === 'pending') return [{ word: 'hangs', note: 'never settled' }];
  if (ending.is === 'resolved') return [{ word: 'loses the error', note: `resolved with ${show(ending.value)}` }];
  const finding = check?.(ending.reason);
  return finding === undefined ? [] : [finding];
}

/** A rejection whose reason, or a cause of it, has this in its text. */
export function rejectsWith(ending: Ending, text: string | RegExp): Finding[] {
  return rejects(ending, (reason) => (tells(reason, text) ? undefined : lost(reason)));
}

export function lost(reason: unknown): Finding {
  return { word: 'loses the error', note: `rejected with ${show(reason)}` };
}

/** Whether an error, with its causes and properties, names something. */
export function tells(reason: unknown, text: string | RegExp): boolean {
  const all = inspect(reason, { depth: 6, maxStringLength: 20_000 });
  return typeof text === 'string' ? all.includes(text) : text.test(all);
}

/** A result that is right. */
export function resolves(ending: Ending, isRight: (value: unknown) => boolean): Finding[] {
  if (ending.is === 'pending') return [{ word: 'hangs', note: 'never settled' }];
  if (ending.is === 'rejected') return [{ word: 'wrong result', note: `rejected with ${show(ending.reason)}` }];
  return isRight(ending.value) ? [] : [{ word: 'wrong result', note: `resolved with ${show(ending.value)}` }];
}

/** Another job of the same thread: beside the faulty one where the contestant runs several at a time, else behind it. */
export class Neighbour {
  readonly #scene: Scene;
  readonly #words = sharedWords();
  #call: Call | undefined;

  private constructor(scene: Scene) {
    this.#scene = scene;
  }

  static async near(scene: Scene, options: CallOptions): Promise<Neighbour> {
    const neighbour = new Neighbour(scene);
    if (!scene.subject.shares(options)) return neighbour;
    neighbour.#call = scene.call('waitAtGate', neighbour.#words);
    if (!(await reported(neighbour.#words))) scene.find('hangs', 'not even a job before it began');
    return neighbour;
  }

  /** The faulty job has been called: now is the time of one behind it. */
  join(): void {
    if (this.#call !== undefined) return;
    openGate(this.#words);
    this.#call = this.#scene.call('waitAtGate', this.#words);
  }

  /** `lives`: it must end well; `settles`: the fault ends the thread, so it may fail, but must not hang. */
  async check(owed: 'lives' | 'settles', ms?: number): Promise<void> {
    openGate(this.#words);
    const ending = (await this.#call?.ending(ms)) ?? { is: 'pending' };
    if (ending.is === 'pending') this.#scene.find('hangs', 'another job of the thread never settled');
    else if (ending.is === 'rejected') {
      if (owed === 'settles') this.#scene.find('ok', 'another job of the thread rejects with it');
      else this.#scene.find('hurts a neighbour', `another job of the thread: ${show(ending.reason)}`);
    }
  }
}

/** A job afterwards. `settles`: the contestant may have come to its end, and must say so. */
export async function afterwards(scene: Scene, owed: 'works' | 'settles' = 'works'): Promise<void> {
  if (scene.hangs) return;
  const ending = await scene.call('inc', 41).ending();
  if (ending.is === 'pending') scene.find('hangs', 'a later job never settled');
  else if (ending.is === 'resolved' && ending.value !== 42)
    scene.find('wrong result', `a later job resolved with ${show(ending.value)}`);
  else if (ending.is === 'rejected') {
    if (owed === 'settles') scene.find('ok', 'later jobs reject: it has come to its end');
    else scene.find('hurts a neighbour', `later jobs: ${show(ending.reason)}`);
  }
}

export interface Fault {
  readonly job: string;
  readonly arg?: unknown;
  readonly options?: CallOptions;
  /** What is found wanting in how it has ended. */
  readonly judge: (ending: Ending) => readonly Finding[];
  readonly neighbour?: 'lives' | 'settles';
  readonly afterwards?: 'works' | 'settles';
  readonly ms?: number;
  /** How long the end of the thread may take, after that. */
  readonly neighbourMs?: number;
}

/** A faulty job with a neighbour, and a job afterwards. */
export async function runFault(scene: Scene, fault: Fault): Promise<void> {
  const { options = {}, ms = patienceMs } = fault;
  const neighbour = await Neighbour.near(scene, options);
  const call = scene.call(fault.job, fault.arg, options);
  neighbour.join();
  scene.findings.push(...fault.judge(await call.ending(ms)));
  if (!scene.hangs) await neighbour.check(fault.neighbour ?? 'lives', fault.neighbourMs);
  await afterwards(scene, fault.afterwards);
}

/** Block the thread until the gate opens: what is called meanwhile waits. */
export async function blockThread(scene: Scene): Promise<() => void> {
  const words = sharedWords();
  scene.call('blockAtGate', words);
  if (!(await reported(words))) scene.find('hangs', 'not even a job before it began');
  await pause(20);
  return () => openGate(words);
}

/** The process must have ended by itself in this time, and well. */
export function endsWell({ code, signal, isLate, ms }: ProcessEnd, mostMs = 2500, right = 0): Finding[] {
  if (isLate || ms > mostMs) return [{ word: 'hangs', note: 'the process does not end' }];
  if (code === right) return [];
  return [{ word: 'wrong result', note: `the process ends with ${signal ?? `code ${code}`}` }];
}
