import type { EventLoopUtilization } from 'node:perf_hooks';
import { MessageChannel, Worker, type WorkerOptions } from 'node:worker_threads';

import { InvalidArgumentError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { shown } from '../base/options.ts';
import { threadTable } from '../link/thread-table.ts';
import { PortTransport, type Receiver } from '../link/transport.ts';
import { ownWorker } from '../own-worker.ts';
import { initKey, type Init } from '../wire/init.ts';
import { notCloneable } from '../wire/values.ts';
import type { CompleteLoopOptions } from './loop-options.ts';
import type { Luggage } from './luggage.ts';
import { withThreadFlags } from './thread-flags.ts';

/** A port closes with its thread; the thread's exit is told within this time, unless only the port was closed. */
const exitFollowsMs = 500;

/** The thread of a loop: the only place where a Worker is made. */
export class Thread {
  readonly transport: PortTransport;
  readonly #worker: Worker;
  readonly #place: number;
  #fatal: Error | undefined;
  #ended = false;

  /** `onExit` is called once, after every message that the thread has sent: its exit code, and the error that ended it. */
  constructor(
    options: CompleteLoopOptions,
    { workerData, init, transfer }: Luggage,
    receiver: Receiver,
    onExit: (code: number, fatal: Error | undefined) => void,
  ) {
    const table = threadTable();
    const place = table.enter(`the thread of loop '${options.name}'`);
    this.#place = place;
    try {
      this.#worker = makeWorker(options, workerData);
    } catch (error) {
      table.leave(place);
      throw error;
    }
    this.#worker.once('exit', () => table.leave(place));
    const { port1, port2 } = new MessageChannel();
    this.transport = new PortTransport(port1, receiver);
    port1.unref();
    port1.once('close', () => this.#portClosed());
    try {
      const message: Init = {
        ...init,
        key: initKey,
        port: port2,
        threads: { table: table.buffer, owner: table.own, own: place },
      };
      this.#worker.postMessage(message, [port2, ...transfer]);
    } catch (error) {
      void this.#worker.terminate();
      throw notCloneable(
        [init.setup?.args, init.teardown?.args],
        (index) => (index === 0 ? 'the arguments of the setup' : 'the arguments of the teardown'),
        error,
      );
    }
    this.#worker.on('error', (error: Error) => (this.#fatal ??= error));
    this.#worker.once('exit', (code) => {
      this.#ended = true;
      this.transport.drain();
      this.transport.close();
      onExit(code, this.#fatal);
    });
  }

  get threadId(): number {
    return this.#worker.threadId;
  }

  /** It has its end of the link. */
  get hasBegun(): boolean {
    return threadTable().hasBegun(this.#place);
  }

  /** How long it was busy and idle, also while it is blocked; zeros when it has ended. */
  get utilization(): EventLoopUtilization {
    return this.#worker.performance.eventLoopUtilization();
  }

  ref(): void {
    this.#worker.ref();
  }

  unref(): void {
    this.#worker.unref();
  }

  /** End the thread, whatever it does. `onExit` follows, unless it is stuck where not even this reaches it. */
  terminate(): void {
    void this.#worker.terminate();
  }

  /** A thread that lives on without its end of the link would never answer again: end it, so that everything settles. */
  #portClosed(): void {
    const cut = (): void => {
      if (this.#ended) return;
      this.#fatal ??= new Error('its end of the link was closed');
      this.terminate();
    };
    // The immediate lets an exit be heard first that came while this thread was blocked.
    intrinsics.setTimeout(() => intrinsics.setImmediate(cut), exitFollowsMs).unref();
  }
}

function makeWorker(options: CompleteLoopOptions, workerData: unknown): Worker {
  if (options.worker !== undefined) {
    const worker: unknown = options.worker();
    if (worker instanceof Worker) return worker;
    throw new InvalidArgumentError(
      `option worker of WorkerLoop must return a Worker of node:worker_threads; got ${shown(worker)}`,
    );
  }
  try {
    const { execArgv } = options;
    if (execArgv === undefined) return ownWorker(workerOptions(options, workerData));
    return withThreadFlags(execArgv, (flags) => ownWorker(workerOptions(options, workerData, flags)));
  } catch (cause) {
    throw new InvalidArgumentError(
      `the thread of loop '${options.name}' could not be made: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** Without a prototype, so that a polluted `Object.prototype` cannot slip in an option such as `eval` or `env`. */
function workerOptions(
  { name, env, resourceLimits }: CompleteLoopOptions,
  workerData: unknown,
  execArgv?: string[],
): WorkerOptions {
  const options = Object.create(null) as WorkerOptions;
  options.name = name;
  if (env !== undefined) options.env = env;
  if (workerData !== undefined) options.workerData = workerData;
  if (resourceLimits !== undefined) options.resourceLimits = resourceLimits;
  if (execArgv !== undefined) options.execArgv = execArgv;
  return options;
}
