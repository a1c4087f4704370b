import { InvalidStateError } from '../base/errors.ts';
import type { Future } from '../asyncio/future.ts';
import type { Contact } from '../link/contact.ts';
import { contactOf, handleOf, HandleShell, wakeHandles } from '../link/handle-shell.ts';
import { mainContact, ownContact } from '../link/own-loop.ts';
import type { CallHost } from './call-host.ts';
import type { AnyCoroutine, Coroutine, StreamCoroutine } from './coroutine.ts';
import type { Handle } from './handle.ts';
import type { RemoteStream } from './remote-stream.ts';
import type { RunOptions } from './loop-types.ts';
import { RemoteLoop } from './remote-loop.ts';
import { callLaterOn, callSoonOn, runOn } from './schedule.ts';

/**
 * A loop seen from another thread than the one that owns it: the way for jobs to call the main loop, or one another's loops,
 * directly. `loop.handle`, `getMainLoop()` and `getLoopHandle()` give one. It can be sent to any loop: as an argument, a result or
 * an item of a stream, also inside plain objects and arrays, and in `workerData`. In each thread a loop has one handle, however
 * often it arrives.
 *
 * Calls travel over a port of their own between the two threads; no third one has to be free for them, nor the main one. They
 * are futures, streams and callbacks as a `WorkerLoop` gives them. A handle keeps neither its own thread nor that of the loop alive;
 * a future of it that is awaited keeps its own. What happens when a thread ends:
 *
 * - The loop closes: calls that it has are finished as `close()` says, further ones reject with LoopClosedError.
 * - Its thread ends otherwise: pending futures reject with LoopCrashedError, further calls with LoopClosedError. A
 *   handle stays with its thread: that of a loop which has taken its place (in a pool) is another one.
 * - The thread that holds the handle ends: its futures and streams are cancelled; callbacks still run.
 *
 * A `timeout` asks the job to cancel; only the owner can interrupt one that blocks its thread. What a callback throws is an error
 * of its loop: it reaches the owner's `'error'` event, or is thrown in the main thread.
 *
 * @example
 * export async function total(prices: number[]) {
 *   const jobs = jobModule<typeof import('./jobs.js')>(new URL('./jobs.js', import.meta.url));
 *   const rate = await getMainLoop().run(jobs.fib(prices.length)); // runs in the main thread
 *   return prices.reduce((sum, price) => sum + price * rate, 0);
 * }
 */
export class LoopHandle extends HandleShell {
  static {
    wakeHandles(this.prototype, (contact) => new LoopHandle(contact));
  }

  /** True from the moment that the loop is known to take no more work. */
  get isClosed(): boolean {
    const contact = contactOf(this);
    return contact.isGone || contact.isClosing || (contact.host as CallHost | undefined)?.isClosed === true;
  }

  /** As `WorkerLoop.run`. */
  run<T>(coroutine: StreamCoroutine<T>, options?: RunOptions): RemoteStream<T>;
  run<T>(coroutine: Coroutine<T>, options?: RunOptions): Future<T>;
  run<T>(coroutine: Coroutine<T> | StreamCoroutine<T>, options?: RunOptions): Future<T> | RemoteStream<T> {
    return runOn<T>(hostOf(contactOf(this)), coroutine, options);
  }

  /** As `WorkerLoop.callSoonThreadsafe`. */
  callSoonThreadsafe<A extends readonly unknown[]>(job: (...args: A) => AnyCoroutine, ...args: A): Handle {
    return callSoonOn(hostOf(contactOf(this)), job, args);
  }

  /** As `WorkerLoop.callLaterThreadsafe`. */
  callLaterThreadsafe<A extends readonly unknown[]>(ms: number, job: (...args: A) => AnyCoroutine, ...args: A): Handle {
    return callLaterOn(hostOf(contactOf(this)), ms, job, args);
  }
}

/**
 * The main thread's loop, from any thread that offloop has started, and in the main thread itself: a job runs things there that only
 * the main thread has. Its job modules are loaded in the main thread then. Throws InvalidStateError in a thread of another
 * origin.
 *
 * @example
 * console.log(await getMainLoop().run(jobs.fib(10))); // 55
 */
export function getMainLoop(): LoopHandle {
  return handleFrom(mainContact(), 'the main loop');
}

/**
 * The loop of the thread that calls, as other threads see it: a job gives it away so that others call its loop. A call of
 * one's own loop through it is an ordinary call, except that nobody can block for it.
 *
 * @example
 * export function whereToSend() { return getLoopHandle(); }
 */
export function getLoopHandle(): LoopHandle {
  return handleFrom(ownContact(), 'its own loop');
}

function handleFrom(contact: Contact | undefined, what: string): LoopHandle {
  if (contact === undefined)
    throw new InvalidStateError(
      `a thread that offloop has not started has no handle of ${what}; start it as a WorkerLoop`,
    );
  return handleOf(contact) as LoopHandle;
}

function hostOf(contact: Contact): CallHost {
  contact.host ??= RemoteLoop.of(contact);
  return contact.host as CallHost;
}
