import type { Clock } from '../base/clock.ts';
import type { CallTimes } from '../wire/state-words.ts';
import type { Guard } from './guard.ts';
import type { JobModules } from './job-modules.ts';

/** After so long in one turn the loop's timers and sockets get theirs before the next job starts. */
export const turnMs = 1;

/** What the guest's side of a link needs of its surroundings. */
export interface GuestSurroundings {
  readonly clock: Clock;
  readonly modules: JobModules;
  /** Call a function in the next turn of the event loop, after timers and sockets had theirs. */
  readonly nextTurn: (fn: () => void) => void;
  readonly guard: Guard;
  /** Is told of the calls that are sampled. */
  readonly times: CallTimes;
  /** Starts of jobs that block longer than this are reported; Infinity for never. */
  readonly slowCallbackMs: number;
  onFlush(request: number): void;
  onClose(mode: 'drain' | 'cancel'): void;
  /** The last call that was accepted has settled. */
  onIdle(): void;
}
