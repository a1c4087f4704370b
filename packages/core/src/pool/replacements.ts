import type { Clock } from '../base/clock.ts';
import { ThreadBudgetError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { Supervisor, type BrokenBy, type LoopEnding, type RestartPolicy } from './supervisor.ts';

/** What is needed of the crew whose loops are replaced. */
export interface ReplacementHost {
  /** Start a loop. May throw. */
  add(): void;
  /** A loop is gone for good: there will be one less. */
  reduce(): void;
  /** Loops that have a thread. */
  readonly loops: number;
  onRestart(loop: string, error: Error | undefined): void;
  /** Too many loops have ended, or all: `why` in words. `told`: a call was rejected with the end of the last one. */
  onBroken(why: string, error: Error | undefined, told: boolean): void;
}

/** A loop that has ended. */
export interface Ended {
  readonly loop: string;
  readonly error: Error | undefined;
  /** Its end has rejected a call, so somebody knows. */
  readonly told: boolean;
}

/** Starts loops in place of those that have ended, as the supervisor says, and of those that have had their share. */
export class Replacements {
  readonly #supervisor: Supervisor;
  readonly #policy: Required<RestartPolicy>;
  readonly #host: ReplacementHost;
  /** What the next restart is told to be for. */
  #last: Ended | undefined;
  #isOver = false;

  constructor(policy: Required<RestartPolicy>, clock: Clock, host: ReplacementHost) {
    this.#policy = policy;
    this.#host = host;
    this.#supervisor = new Supervisor(policy, clock, {
      restart: () => this.#restart(),
      reduced: () => {
        host.reduce();
        this.#breakIfEmpty();
      },
      broke: (error, by) => host.onBroken(this.#whyBroken(by), error, this.#last?.told === true),
    });
  }

  get restarts(): number {
    return this.#supervisor.restarts;
  }

  /** Threads that have ignored their termination. */
  get lost(): number {
    return this.#supervisor.lost;
  }

  /** Loops that have ended and are to be replaced. */
  get waiting(): number {
    return this.#supervisor.waiting;
  }

  /** No loop is replaced from now on. */
  stop(): void {
    this.#isOver = true;
    this.#supervisor.stop();
  }

  /** A loop has ended; unless `isReplaced`, the pool wanted it to. */
  ended(how: LoopEnding, ended: Ended, isReplaced: boolean): void {
    if (!isReplaced && how !== 'lost') return;
    if (isReplaced) this.#last = ended;
    this.#supervisor.ended(how, ended.error, isReplaced);
  }

  /** Start a loop soon, in place of one that has had its share of calls. */
  replaceSoon(): void {
    if (!this.#isOver) intrinsics.queueMicrotask(() => this.#replace());
  }

  /** Start one more; where the process may have no more threads, the pool stays as small as it is. */
  grow(): void {
    if (this.#isOver) return;
    try {
      this.#host.add();
    } catch (error) {
      if (!(error instanceof ThreadBudgetError)) this.#supervisor.ended('crash', error as Error);
    }
  }

  #restart(): void {
    const ended = this.#last;
    if (this.#replace() && ended !== undefined) this.#host.onRestart(ended.loop, ended.error);
  }

  /** Start a loop; one that cannot be made counts as one that has ended. */
  #replace(): boolean {
    if (this.#isOver) return false;
    try {
      this.#host.add();
      return true;
    } catch (error) {
      this.#supervisor.ended('crash', error as Error);
      return false;
    }
  }

  #whyBroken(by: BrokenBy): string {
    const { intensity, periodMs, maxLost } = this.#policy;
    return by === 'lost'
      ? `more than ${maxLost} of its threads ignored their termination and are lost (option restart.maxLost)`
      : `its loops ended more than ${intensity} times in ${periodMs} ms`;
  }

  #breakIfEmpty(): void {
    if (this.#host.loops > 0 || this.waiting > 0) return;
    const why = 'none of its loops is left, and its restart policy replaces none';
    this.#host.onBroken(why, this.#last?.error, this.#last?.told === true);
  }
}
