import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';

import { InvalidArgumentError } from '../base/errors.ts';
import { shown } from '../base/options.ts';
import type { JobName } from '../link/call-request.ts';
import { Coroutine, type StreamCoroutine } from './coroutine.ts';
import { nameReference } from './job-reference.ts';

type AnyFunction = (...args: never[]) => unknown;

/**
 * What calling a job gives: a stream's coroutine for an async generator function, also one whose result is declared as
 * AsyncIterable, else one of its awaited result. TypeScript lets a generic function give `unknown` or its constraint here, and
 * an overloaded one its last signature; `jobs.f as JobReference<typeof f<number>>` names one instance.
 */
export type CoroutineOf<F extends AnyFunction> = ResultCoroutine<ReturnType<F>>;

/** `any` and `never` are results like others; without the first two cases they would be both or streams. */
type ResultCoroutine<R> = 0 extends 1 & R
  ? Coroutine<R>
  : [Awaited<R>] extends [never]
    ? Coroutine<never>
    : Awaited<R> extends AsyncIterable<infer Item>
      ? StreamCoroutine<Item>
      : Coroutine<Awaited<R>>;

/** A reference to a job: calling it describes a call, and runs nothing. */
export type JobReference<F extends AnyFunction> = (...args: Parameters<F>) => CoroutineOf<F>;

/** A reference for each exported function; classes and constants are no jobs. */
export type JobModule<M> = {
  readonly [K in keyof M as M[K] extends AnyFunction ? (K extends 'then' ? never : K) : never]: M[K] extends AnyFunction
    ? JobReference<M[K]>
    : never;
};

/** One name per job of this thread, however often its module is named: every link remembers what it was told. */
const names = new Map<string, JobName>();

/**
 * References to the functions that a module exports; the module is loaded by the loops that run them, not here. The type
 * comes from the module alone: a wrong name or argument does not compile.
 *
 * `url` is the module's own, best as `new URL('./jobs.js', import.meta.url)`; an absolute path or URL as a string works
 * too. Where the file does not exist and the same name with `.ts` (or `.js`) does, that one is loaded. Throws
 * InvalidArgumentError for a relative string or a URL that Node cannot import; a module that cannot be loaded, or a name
 * it does not export, rejects the calls. An export named `then` cannot be called: the result is no thenable.
 *
 * @example
 * const jobs = jobModule<typeof import('./jobs.js')>(new URL('./jobs.js', import.meta.url));
 * console.log(await jobs.fib(20)); // 6765
 */
export function jobModule<M extends object>(url: URL | string): JobModule<M> {
  const { href } = moduleUrl(url);
  const maker = new Proxy(Object.create(null) as object, {
    get(_target, name, receiver: object) {
      // Not a thenable, so that it can be returned from an async function; symbols are never exports.
      if (typeof name === 'symbol' || name === 'then') return undefined;
      const reference = makeReference(jobName(href, name));
      Object.defineProperty(receiver, name, { value: reference, enumerable: true });
      return reference;
    },
    has: (_target, name) => typeof name === 'string' && name !== 'then',
  });
  // Each reference becomes an ordinary property when it is first used; the Proxy is not asked again.
  return Object.create(maker) as JobModule<M>;
}

function jobName(url: string, name: string): JobName {
  const key = `${url}#${name}`;
  let job = names.get(key);
  if (job === undefined) {
    job = { index: names.size, url, name };
    names.set(key, job);
  }
  return job;
}

function makeReference(job: JobName): object {
  const reference = (...args: readonly unknown[]): Coroutine<unknown> => new Coroutine(job, args);
  Object.defineProperty(reference, 'name', { value: job.name });
  nameReference(reference, job);
  return reference;
}

function moduleUrl(given: URL | string): URL {
  let url: URL | undefined;
  if (given instanceof URL) url = given;
  else if (typeof given === 'string')
    url = isAbsolute(given) ? pathToFileURL(given) : URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !['file:', 'data:', 'node:'].includes(url.protocol)) {
    throw new InvalidArgumentError(
      `jobModule takes the URL of the job module, as in jobModule(new URL('./jobs.js', import.meta.url)); got ${shown(url?.href ?? given)}`,
    );
  }
  return url;
}
