import { loopInternals } from '../host/loop-internals.ts';
import type { WorkerLoop } from '../host/worker-loop.ts';
import type { PoolCall } from './pool-call.ts';
import type { PoolRun } from './pool-run.ts';
import type { Seat } from './seat.ts';

export type RunCall = PoolCall<PoolRun<unknown>>;

/** A loop of a pool, with what the pool knows of it. */
export class Member {
  readonly loop: WorkerLoop;
  readonly seat: Seat<PoolRun<unknown>, Member>;
  /** Calls that it was given. */
  given = 0;
  /** Since when it has had nothing to do. */
  idleSince: number;
  /** The pool wants it to end: it gets no calls, and needs no replacement when it does. */
  isLeaving = false;
  /** Its end has rejected a call, so somebody knows. */
  isMourned = false;
  /** Calls whose future has settled and whose job still has the thread. */
  readonly zombies: Set<RunCall> = new Set();
  /** The call that had the thread at the last look, and since which look. */
  onThread: RunCall | undefined;
  onThreadSince = 0;

  /** The loop has settled a call that it was given. */
  readonly onAnswer: (call: RunCall) => void;

  constructor(
    loop: WorkerLoop,
    now: number,
    join: (member: Member) => Seat<PoolRun<unknown>, Member>,
    onAnswer: (call: RunCall) => void,
  ) {
    this.loop = loop;
    this.idleSince = now;
    this.onAnswer = onAnswer;
    this.seat = join(this);
  }

  get takesCalls(): boolean {
    return this.seat.state !== 'leaving' && this.seat.state !== 'gone' && !this.loop.isClosed;
  }

  /** Nothing runs there, broadcasts included. */
  get isIdle(): boolean {
    return this.seat.isOpen && this.seat.inFlight.size === 0 && loopInternals.inFlightOf(this.loop) === 0;
  }
}
