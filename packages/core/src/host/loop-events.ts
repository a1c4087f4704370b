import type { EventEmitter } from 'node:events';

import { intrinsics } from '../base/intrinsics.ts';
import type { ErrorContext } from './call-host.ts';
import { channels } from './channels.ts';
import type { LoopThreadEvents } from './loop-state.ts';
import { watchStalls } from './loop-stalls.ts';
import type { LoopThread } from './loop-thread.ts';
import type { StallInfo, WorkerLoopEvents } from './loop-types.ts';
import type { StallWatch } from './stall-watch.ts';

/**
 * Tells what happens in a loop's thread to who listens to the loop: in turns of their own, so that what a listener throws does
 * not hurt the work that is being handled.
 */
export class LoopEvents implements LoopThreadEvents {
  readonly #loop: EventEmitter<WorkerLoopEvents>;
  readonly #onError: (error: unknown, context: ErrorContext) => void;
  #stalls: StallWatch | undefined;
  /** Names the loop in messages; a thread that has ended has no id any more. */
  #who: { readonly loop: string; readonly threadId: number } | undefined;

  constructor(loop: EventEmitter<WorkerLoopEvents>, onError: (error: unknown, context: ErrorContext) => void) {
    this.#loop = loop;
    this.#onError = onError;
  }

  /** The thread starts. From now on it is watched for stalls, while somebody listens. */
  watch(thread: LoopThread, stalledMs: number): void {
    const { name, threadId } = thread;
    this.#who = { loop: name, threadId };
    if (channels.loopStart.hasSubscribers) channels.loopStart.publish(this.#who);
    const isHeard = (): boolean => this.#loop.listenerCount('stalled') > 0 || channels.loopStalled.hasSubscribers;
    const stalls = watchStalls(thread, stalledMs, isHeard, (info) => this.#onStalled(info));
    this.#stalls = stalls;
    // Who comes when the thread is blocked already is told, too.
    (this.#loop as EventEmitter).on('newListener', (event) => {
      if (event === 'stalled') intrinsics.nextTick(() => stalls.wake());
    });
  }

  onError(error: unknown, context: ErrorContext): void {
    this.#onError(error, context);
  }

  onBusy(): void {
    this.#stalls?.wake();
  }

  onSlow(job: string, ms: number): void {
    intrinsics.nextTick(() => this.#loop.emit('slow', { job, ms }));
  }

  onLost(): void {
    if (channels.loopLost.hasSubscribers) channels.loopLost.publish(this.#who);
    intrinsics.nextTick(() => this.#loop.emit('lost'));
  }

  onExit(code: number, error: Error | undefined): void {
    this.#stalls?.stop();
    if (channels.loopExit.hasSubscribers) channels.loopExit.publish({ ...this.#who, code, error });
    intrinsics.nextTick(() => this.#loop.emit('exit', code, error));
  }

  #onStalled(info: StallInfo): void {
    if (channels.loopStalled.hasSubscribers) channels.loopStalled.publish({ ...this.#who, ...info });
    intrinsics.nextTick(() => this.#loop.emit('stalled', info));
  }
}
