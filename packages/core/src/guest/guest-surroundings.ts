import type { CarriedValues } from '../base/carriers.ts';
import type { Clock } from '../base/clock.ts';
import type { CallerFrame } from '../wire/frames.ts';
import type { CallTimes } from '../wire/state-words.ts';
import type { JobModules } from './job-modules.ts';

/** After so long in one turn the loop's timers and sockets get theirs before the next job starts. */
export const turnMs = 1;

/** Hears of a failure that no future carries, with what travelled with its call. */
export type TellFailure = (job: string, error: unknown, carried: CarriedValues | undefined) => void;

/** Lets the owner break off the call that blocks the thread; see `Guard`. */
export interface CallGuard {
  enter(id: number): void;
  leave(): void;
  onBreak(fn: () => void): void;
}

/** What the guest's side of a link needs of its surroundings. */
export interface GuestSurroundings {
  readonly clock: Clock;
  readonly modules: JobModules;
  /** Call a function in the next turn of the event loop, after timers and sockets had theirs. */
  readonly nextTurn: (fn: () => void) => void;
  readonly guard: CallGuard;
  /** Is told of the calls that are sampled. */
  readonly times?: CallTimes;
  /** Starts of jobs that block longer than this are reported; Infinity for never. */
  readonly slowCallbackMs: number;
  /** A frame that is not about calls. */
  onFrame?(frame: CallerFrame): boolean;
  onFlush(request: number): void;
  onClose(mode: 'drain' | 'cancel'): void;
  /** The last call that was accepted has settled. */
  onIdle(): void;
  /** A callback of another thread than the owner has failed: its owner hears of it as of any other. */
  readonly onCallbackFailed?: TellFailure | undefined;
}
