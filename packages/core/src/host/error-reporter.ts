import type { EventEmitter } from 'node:events';

import { flat, withCarried } from '../base/carry.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { joinStack, throwUncaught } from '../base/stacks.ts';
import type { ErrorContext } from './call-host.ts';
import type { UnhandledPolicy } from './loop-options.ts';

/** What becomes of the errors of a loop that nobody awaits: the answer to "how do they reach the main thread?". */
export class ErrorReporter {
  readonly #policy: UnhandledPolicy;
  readonly #emitter: EventEmitter;
  #count = 0;

  constructor(policy: UnhandledPolicy, emitter: EventEmitter) {
    this.#policy = policy;
    this.#emitter = emitter;
  }

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** Tell of an error, in a turn of its own: what a listener throws must not hurt the work that is being handled here. */
  report(error: unknown, context: ErrorContext): void {
    this.#count++;
    if (this.#policy === 'ignore') return;
    if (this.#policy === 'throw') throwUncaught(error);
    else if (this.#policy === 'warn')
      intrinsics.emitWarning(
        `unhandled in loop '${context.loop}'${context.job === undefined ? '' : `, job ${context.job}`}: ${textOf(error)}`,
        'OffloopWarning',
      );
    // Without a listener EventEmitter throws the error itself, which makes it an uncaught exception; it then tells where from.
    // After the microtasks: whoever awaits what came before the error goes on first.
    else intrinsics.queueMicrotask(() => intrinsics.nextTick(() => this.#emit(error, context)));
  }

  #emit(error: unknown, context: ErrorContext): void {
    if (this.#emitter.listenerCount('error') === 0 && error instanceof Error) {
      joinStack(error, `nobody awaited ${placeOf(context)}, and nobody listens to its 'error' event`, '');
    }
    // Inside of what travelled with the call, so that a logger finds it here, too.
    withCarried(flat(context.carried), () => this.#emitter.emit('error', error, context));
  }
}

function placeOf({ job, loop }: ErrorContext): string {
  return `${job === undefined ? 'the background' : `job ${job}`} on loop '${loop}'`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}
