import type { ResourceLimits } from 'node:worker_threads';

export interface StartOptions {
  /** Hears of errors that no job carries, where the library tells of them. */
  readonly onError?: (error: unknown) => void;
  /** The URL of a module that is run instead of the jobs. */
  readonly module?: string;
  readonly isDaemon?: boolean;
  readonly resourceLimits?: ResourceLimits;
  readonly execArgv?: string[];
  readonly maxQueue?: number;
  readonly loadTimeoutMs?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly transfer?: ArrayBuffer[];
  /** The URL of another module than the jobs; only where `takesModules`. */
  readonly module?: string;
}

/** A contestant at work, with one thread; the jobs are those of `jobs.ts`. */
export interface Subject {
  readonly call: (job: string, arg: unknown, options: CallOptions) => PromiseLike<unknown>;
  /** With `now` the way that does not wait for what runs, where there are two. */
  readonly close: (now: boolean) => PromiseLike<unknown>;
  /** Whether calls with these options run beside others in the thread; else they run one after the other. */
  readonly shares: (options: CallOptions) => boolean;
  /** Whether a call can name its module. */
  readonly takesModules: boolean;
}

/** Every file in `subjects/` exports one as `start`; `variant` are the options of its line in the roster. */
export type StartSubject = (options: StartOptions, variant: object) => Subject;

/** Without the options that are not given: a library may take `undefined` for a value. */
export function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
