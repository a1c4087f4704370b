import type { CarriedValues } from '../base/carriers.ts';
import type { Clock } from '../base/clock.ts';
import type { TimerQueue } from '../base/timer-queue.ts';
import type { PendingCall } from '../link/call-table.ts';
import type { CallerLink } from '../link/caller-link.ts';
import type { Holds } from '../link/holds.ts';
import type { Breach } from '../wire/guard.ts';
import type { UnhandledOrigin } from '../wire/frames.ts';

/** Tells where an error came from that no future carries; the second argument of the `'error'` event. */
export interface ErrorContext {
  readonly origin: UnhandledOrigin | 'crash';
  /** The name of the loop. */
  readonly loop: string;
  /** The name of the job, where one is known. */
  readonly job: string | undefined;
  /** What travelled with the call (see `carry`), by the names of the carriers; undefined when nothing did. */
  readonly carried: Readonly<Record<string, unknown>> | undefined;
}

/** What the futures and handles of a loop need of it. */
export interface CallHost {
  readonly name: string;
  readonly threadId: number;
  /** It takes no more work. */
  readonly isClosed: boolean;
  readonly link: CallerLink;
  readonly holds: Holds;
  readonly clock: Clock;
  /** Errors also tell where their job was scheduled. */
  readonly debug: boolean;
  /** The time-outs of the calls in flight. */
  readonly timeouts: TimerQueue;
  /** Throws LoopClosedError unless the loop takes work. */
  mustTakeWork(): void;
  /** Nobody awaits this error. */
  report(
    error: unknown,
    origin: ErrorContext['origin'],
    job: string | undefined,
    carried: CarriedValues | undefined,
  ): void;
  /** Take in what the thread has sent and was not delivered yet. */
  readArrived(): void;
  /** Break off the call that blocks the thread, if it is this one; undefined when the thread cannot be asked. */
  interrupt(call: PendingCall, tell: (breach: Breach | undefined) => void): void;
  /** The thread has not answered a cancel in time: this call blocks it. */
  stuck(call: PendingCall): void;
  /** Calls whose time-out is over and whose job has not ended. */
  zombies: number;
  /** It was given work since its output was last flushed. */
  isUnflushed: boolean;
}
