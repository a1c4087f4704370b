import { MessageChannel, type MessagePort } from 'node:worker_threads';

import { expose as exposeObject } from 'comlink';

import { InvalidArgumentError, move } from '../index.ts';
import { changeHandlers } from './comlink-handlers.ts';

declare const objectType: unique symbol;

/** The way to an object of another thread; `remote` makes a proxy of it. */
export interface Exposed<T> {
  readonly port: MessagePort;
  readonly [objectType]?: T;
}

/**
 * Give an object out of a job: it stays in the job's thread with its state, and the caller, who runs the job with `remote`,
 * gets a Comlink proxy of it. It lives until the proxy is released or the loop ends. Throws InvalidArgumentError for what
 * is neither object nor function.
 *
 * @example
 * import { expose } from 'offloop/comlink';
 * export function counter() {
 *   return expose({ n: 0, inc() { return ++this.n; } });
 * }
 */
export function expose<T extends object>(object: T): Exposed<T> {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null)
    throw new InvalidArgumentError(`expose takes an object with methods, or a function; got ${String(object)}`);
  changeHandlers();
  const { port1, port2 } = new MessageChannel();
  exposeObject(object, port1);
  // The loop lives as long as its owner wants, not as long as its objects.
  port1.unref();
  return move({ port: port2 }, [port2]);
}
