import type { Running } from './contestant.ts';

/** One number that a workload gives. */
export interface Metric {
  readonly key: string;
  /** With its unit. */
  readonly title: string;
  readonly better: 'less' | 'more';
}

/** What a workload has to work with, in a child process of its own. */
export interface Bench {
  /** Resolves when the contestant has been told to start: its threads may still be on their way. */
  readonly start: (threads: number) => Promise<Running>;
  /** The same functions in this thread. */
  readonly inThread: Running;
  /** How long the contestant took to be imported. */
  readonly importMs: number;
  /** About how long to measure. */
  readonly budgetMs: number;
  /** About how long to work before that: the compiler needs up to 300 ms of work until the rates stay where they are. */
  readonly warmUpMs: number;
}

export interface Workload {
  readonly name: string;
  readonly title: string;
  /** The first one is the one that the overview shows. */
  readonly metrics: readonly Metric[];
  /** The numbers by the keys of the metrics; one that is not there was not measured. Throws when a result is wrong. */
  readonly run: (bench: Bench) => Promise<Readonly<Record<string, number>>>;
}

/** Throw unless the result is the right one. Cheap enough to stand in every measured loop. */
export function mustBe(result: unknown, right: unknown): void {
  if (result !== right) throw new Error(`wrong result: ${String(result)} instead of ${String(right)}`);
}

/** Call `inc` `count` times in one tick, await every result, in order, and check it. */
export async function batch(running: Running, count: number): Promise<void> {
  const results = new Array<PromiseLike<unknown>>(count);
  for (let i = 0; i < count; i++) results[i] = running.call('inc', i);
  for (let i = 0; i < count; i++) mustBe(await results[i], i + 1);
}

/** Repeat until the time is over, at least once; how often it was. */
export async function repeat(budgetMs: number, work: () => Promise<void>): Promise<number> {
  const end = performance.now() + budgetMs;
  let times = 0;
  do {
    await work();
    times++;
  } while (performance.now() < end);
  return times;
}
