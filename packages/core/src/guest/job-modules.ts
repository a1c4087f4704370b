import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Clock } from '../base/clock.ts';
import { whileLoading } from '../base/entry.ts';
import { ModuleLoadError, UnknownJobError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { ServiceTime } from '../base/service-time.ts';

export type JobFunction = (...args: readonly unknown[]) => unknown;

/*
 *            import settles              the export is a function
 *   loading ────────────────► evaluated ─────────────────────────► ready
 *      │ import fails,                     │ it is not
 *      ▼ or takes too long                 ▼
 *   failed ◄───────────────────────────────┘
 */
/** A job that was announced: found, being loaded, or the error that every call of it gets. */
export interface Job {
  readonly name: string;
  fn: JobFunction | undefined;
  error: Error | undefined;
  /** How long its last call had the thread before it returned or first awaited; at first it may be any time. */
  lastMs: number;
  /** How long its calls have the thread, on an average, in microseconds. */
  readonly time: ServiceTime;
  /** What the caller was told of that, NaN before; and how often it was measured since. */
  toldUs: number;
  untold: number;
  /** Settled once `fn` or `error` is set; never rejects. */
  readonly loaded: Promise<void>;
}

type Namespace = Readonly<Record<string, unknown>>;

/** The job modules of a loop, each loaded once, by URL. */
export class JobModules {
  readonly #clock: Clock;
  readonly #loadTimeoutMs: number;
  readonly #load: (url: string) => Promise<Namespace>;
  #modules = new Map<string, Promise<Namespace>>();
  readonly #jobs: Job[] = [];

  /** `load` gives a module's namespace; tests give one without files. */
  constructor(clock: Clock, loadTimeoutMs: number, load: (url: string) => Promise<Namespace> = importModule) {
    this.#clock = clock;
    this.#loadTimeoutMs = loadTimeoutMs;
    this.#load = load;
  }

  /** The same modules, for calls that have numbers of their own. */
  forAnotherLink(): JobModules {
    const other = new JobModules(this.#clock, this.#loadTimeoutMs, this.#load);
    other.#modules = this.#modules;
    return other;
  }

  /** The job that calls mean when they say `index`. */
  get(index: number): Job | undefined {
    return this.#jobs[index];
  }

  /** From now on `index` means this export; the module starts loading. */
  announce(index: number, url: string, name: string): void {
    this.#jobs[index] = this.find(url, name);
  }

  find(url: string, name: string): Job {
    let markLoaded!: () => void;
    const loaded = new intrinsics.Promise<void>((resolve) => (markLoaded = resolve));
    const job: Job = {
      name,
      fn: undefined,
      error: undefined,
      lastMs: Infinity,
      time: new ServiceTime(),
      toldUs: NaN,
      untold: 0,
      loaded,
    };
    this.#module(url).then(
      (namespace) => {
        Object.assign(job, resolveExport(namespace, url, name));
        markLoaded();
      },
      (error: Error) => {
        job.error = error;
        markLoaded();
      },
    );
    return job;
  }

  #module(url: string): Promise<Namespace> {
    let module = this.#modules.get(url);
    if (module === undefined) {
      module = this.#loadInTime(url);
      this.#modules.set(url, module);
    }
    return module;
  }

  #loadInTime(url: string): Promise<Namespace> {
    return new intrinsics.Promise((resolve, reject) => {
      const timer = this.#clock.setTimer(this.#loadTimeoutMs, () =>
        reject(
          new ModuleLoadError(
            `job module ${url} was not loaded within ${this.#loadTimeoutMs} ms; a top-level await in it may never settle, or it exports a function named then, which import() calls (option loadTimeoutMs)`,
          ),
        ),
      );
      this.#load(url)
        .then(resolve, (cause: unknown) => reject(loadError(url, cause)))
        .finally(() => timer.cancel())
        .catch(() => {});
    });
  }
}

/** Only what the module itself exports can be called: never an inherited name, never a class. */
function resolveExport(namespace: Namespace, url: string, name: string): Pick<Job, 'fn' | 'error'> {
  const value = Object.hasOwn(namespace, name) ? namespace[name] : undefined;
  if (isJob(value)) return { fn: value, error: undefined };
  const jobs = Object.keys(namespace).filter((key) => isJob(namespace[key]));
  const found = Object.hasOwn(namespace, name)
    ? `exports '${name}', but it is ${typeof value === 'function' ? 'a class' : `of type ${typeof value}`}, not a function`
    : `has no export '${name}'`;
  const has = jobs.length === 0 ? 'it exports no functions at all' : `its jobs are ${jobs.join(', ')}`;
  return { fn: undefined, error: new UnknownJobError(`job module ${url} ${found}; ${has}`) };
}

function isJob(value: unknown): value is JobFunction {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value));
}

/** Import a module; `./jobs.js` may stand for `./jobs.ts` and the other way round, whichever exists. */
async function importModule(url: string): Promise<Namespace> {
  const found = existing(url);
  return whileLoading(found, async () => (await import(found)) as Namespace);
}

function existing(url: string): string {
  if (!url.startsWith('file:') || exists(url)) return url;
  const { pathname } = new URL(url);
  const other = /\.[mc]?js$/.test(pathname)
    ? swap(url, /js$/, 'ts')
    : /\.[mc]?ts$/.test(pathname)
      ? swap(url, /ts$/, 'js')
      : undefined;
  return other !== undefined && exists(other) ? other : url;
}

function swap(url: string, from: RegExp, to: string): string {
  const swapped = new URL(url);
  swapped.pathname = swapped.pathname.replace(from, to);
  return swapped.href;
}

/** Blocks, as `import()` itself does when it looks for a file; asking the thread pool would cost a turn and its threads. */
function exists(url: string): boolean {
  return existsSync(fileURLToPath(url));
}

function loadError(url: string, cause: unknown): ModuleLoadError {
  const { code, message } =
    cause instanceof Error ? (cause as NodeJS.ErrnoException) : { code: undefined, message: String(cause) };
  const advice =
    code === 'ERR_UNKNOWN_FILE_EXTENSION'
      ? `. This Node (${process.version}) does not run TypeScript in worker threads: compile it to JavaScript first, use Node 22.18 or later, or start the loop with a worker that registers a loader`
      : code === 'ERR_MODULE_NOT_FOUND'
        ? ". A job module is named by its own URL, as in new URL('./jobs.js', import.meta.url)"
        : '';
  return new ModuleLoadError(`job module ${url} could not be loaded: ${message}${advice}`, { cause });
}
