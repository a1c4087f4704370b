import { isMainThread, MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';

import { systemClock, type ClockTimer } from '../base/clock.ts';
import { InvalidStateError } from '../base/errors.ts';
import { aBoolean, aFunction, readOptions, someMilliseconds } from '../base/options.ts';
import { ownWorker } from '../own-worker.ts';
import { beatsPerStall, mainWatchKey, type MainStall, type MainWatchInit } from '../wire/main-watch.ts';
import { channels } from './channels.ts';

export interface MainWatchOptions {
  /** How long the main loop must have been blocked to be told, in milliseconds. Default 1,000. */
  readonly stalledMs?: number;
  /** Called in the main thread, so not before that is free again. */
  readonly onStalled?: (stall: MainStall) => void;
  /** Write it to stderr at once, from the watching thread, while main is still blocked. Default: where there is no `onStalled`. */
  readonly print?: boolean;
  /** Makes the watching thread, for bundled programs; as the option of `WorkerLoop`. */
  readonly worker?: () => Worker;
}

const checks = { stalledMs: someMilliseconds, onStalled: aFunction, print: aBoolean, worker: aFunction };

/** Ends the watching of the main loop. */
export interface MainWatch {
  stop(): void;
  [Symbol.dispose](): void;
}

/**
 * Watch the main loop from a daemon thread of its own: when main has been blocked for longer than `stalledMs`, it tells once where
 * main is, on stderr while it still is blocked, or through `onStalled` and the channel `offloop:main:stalled` afterwards. Main pays for
 * a timer that fires four times in each `stalledMs`; neither keeps the process alive. A `resultSync` that waits for long is a stall,
 * too. Throws InvalidStateError in a worker: its own loop is watched by its owner, through the event `'stalled'`.
 *
 * @example
 * const watch = watchMainLoop({ stalledMs: 500, onStalled: ({ ms, stack }) => console.warn(ms, stack) });
 * watch.stop();
 */
export function watchMainLoop(options?: MainWatchOptions): MainWatch {
  const {
    stalledMs = 1000,
    onStalled,
    print = onStalled === undefined,
    worker,
  } = readOptions('watchMainLoop', options, checks);
  if (!isMainThread)
    throw new InvalidStateError(
      "watchMainLoop() is for the main thread; the owner of this one listens to the event 'stalled' of its loop",
    );
  const thread = worker?.() ?? ownWorker(Object.assign(Object.create(null) as object, { name: 'main-watch' }));
  return new Watch(thread, stalledMs, print, (stall) => {
    if (channels.mainStalled.hasSubscribers) channels.mainStalled.publish(stall);
    onStalled?.(stall);
  });
}

class Watch implements MainWatch {
  readonly #port: MessagePort;
  readonly #beats = new Int32Array(new SharedArrayBuffer(4));
  readonly #everyMs: number;
  #timer: ClockTimer;

  constructor(thread: Worker, stalledMs: number, prints: boolean, tell: (stall: MainStall) => void) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#everyMs = Math.max(1, stalledMs / beatsPerStall);
    const init: MainWatchInit = { key: mainWatchKey, port: port2, beats: this.#beats.buffer, stalledMs, prints };
    thread.postMessage(init, [port2]);
    port1.on('message', tell);
    port1.unref();
    thread.unref();
    this.#timer = this.#arm();
  }

  stop(): void {
    this.#timer.cancel();
    this.#port.close();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #arm(): ClockTimer {
    const timer = systemClock.setTimer(this.#everyMs, () => {
      Atomics.add(this.#beats, 0, 1);
      this.#timer = this.#arm();
    });
    timer.unref();
    return timer;
  }
}
