import type { Clock, ClockTimer } from '../base/clock.ts';
import type { Member } from './member.ts';
import type { Sizing } from './sizing.ts';

/** What an idle watch needs of the crew. */
export interface IdleWatchHost {
  /** Loops that take calls. */
  readonly size: number;
  /** Those that have nothing to do, in the order in which they started. */
  idleMembers(): Member[];
  giveUp(member: Member): void;
}

/** Gives up loops that have had nothing to do for long enough; one timer, and none where no loop can be given up. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #sizing: Sizing;
  readonly #host: IdleWatchHost;
  #timer: ClockTimer | undefined;

  constructor(clock: Clock, sizing: Sizing, host: IdleWatchHost) {
    this.#clock = clock;
    this.#sizing = sizing;
    this.#host = host;
  }

  /** A loop has nothing more to do. */
  becameIdle(member: Member): void {
    member.idleSince = this.#clock.now();
    if (this.#timer === undefined) this.#plan();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #plan(): void {
    const ms = this.#sizing.nextShrink(this.#clock.now(), this.#host.size, this.#host.idleMembers());
    this.#timer = ms === undefined ? undefined : this.#clock.setTimer(Math.max(1, ms), () => this.#shrink());
    this.#timer?.unref();
  }

  #shrink(): void {
    const idle = this.#host.idleMembers();
    for (const member of this.#sizing.shrinks(this.#clock.now(), this.#host.size, idle)) this.#host.giveUp(member);
    this.#plan();
  }
}
