import type * as jobs from './jobs.ts';

/** The jobs of `jobs.ts`, which every contestant runs under the same names. */
export type JobName = keyof typeof jobs;

/** What a contestant is while it works. */
export interface Running {
  /** Run a job in a thread; every caller awaits the result and checks it. */
  readonly call: (job: JobName, arg: unknown) => PromiseLike<unknown>;
  /** Run `touch` in a thread with the buffer moved there, and its result moved back. Missing where it would be a copy. */
  readonly move?: (buffer: ArrayBuffer) => PromiseLike<unknown>;
  readonly close: () => PromiseLike<unknown>;
}

/** Every file in `contestants/` exports one as `start`: with exactly this many threads, and the options of its entry. */
export type Start<Options extends object = object> = (threads: number, options: Options) => Running | Promise<Running>;

/** A line of the roster. */
export interface Entry {
  readonly name: string;
  /** The file in `contestants/`; variants of one library share it. */
  readonly file: string;
  /** The npm package, for its version. */
  readonly package?: string;
  readonly options: object;
  /** How it is set up, in words for the page. */
  readonly setting: string;
  /** Workloads that it cannot do, and why. */
  readonly cannot: Readonly<Record<string, string>>;
}
