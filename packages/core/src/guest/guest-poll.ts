import type { Clock } from '../base/clock.ts';
import type { RecordInbox } from '../link/record-inbox.ts';
import type { RecordLane } from '../link/record-lane.ts';
import type { RingReader } from '../link/ring.ts';
import type { Spin } from '../link/spin.ts';
import type { CallerFrame, GuestFrame } from '../wire/frames.ts';
import { turnMs } from './guest-surroundings.ts';

/** Records that are taken in before the first of their jobs starts. */
const most = 256;

export interface GuestPollSurroundings {
  readonly clock: Clock;
  /** Call a function in a port's callback of its own, after the microtasks of this one. */
  readonly again: (fn: () => void) => void;
  /** The same after timers and sockets had their turn. */
  readonly nextTurn: (fn: () => void) => void;
  readonly spin: Spin;
  /** Nothing runs here that could go on by itself. */
  readonly isIdle: () => boolean;
  /** Calls that are ready have had to wait for the next turn, which is booked. */
  readonly goesOn: () => boolean;
  /** The thread goes to sleep, or is awake again. */
  readonly onAwake: (isAwake: boolean) => void;
}

/*
 *   parked ── a bell ──► awake: takes what there is and starts its jobs, until there is nothing or the turn is over
 *   awake ── nothing there, calls wait for a turn ──► looks again in that turn
 *        ├── nothing there, no job under way ───► spins on the ring ───────────── nothing came for the time of a spin ──► parked
 *        └── nothing there, jobs under way ─────► looks again after their microtasks ──┘
 *
 * Jobs start in a port's callback, always: the one place where a blocking job can be broken into without harm to others.
 * Awake means that it runs here, or that a callback is booked that does.
 */
/** When the guest's side of a ring lane looks for calls. */
export class GuestPoll {
  readonly #ring: RingReader;
  readonly #inbox: RecordInbox<CallerFrame>;
  readonly #lane: RecordLane<GuestFrame>;
  readonly #around: GuestPollSurroundings;
  #inside = false;
  #booked = false;
  #parked = false;
  #activeAt = 0;
  /** Nothing was there, and it did not go to sleep. */
  #looksOut = false;

  constructor(
    ring: RingReader,
    inbox: RecordInbox<CallerFrame>,
    lane: RecordLane<GuestFrame>,
    around: GuestPollSurroundings,
  ) {
    this.#ring = ring;
    this.#inbox = inbox;
    this.#lane = lane;
    this.#around = around;
    around.onAwake(true);
    this.#book(around.again);
  }

  /** The other side has rung: there are calls, or room for replies. */
  bell(): void {
    this.#lane.refill();
    if (this.#inside) return;
    if (this.#parked) {
      this.#parked = false;
      this.#around.spin.woken(this.#around.clock.now());
      this.#around.onAwake(true);
    }
    this.#work();
  }

  /** What it was in the middle of was stopped, and its callback ends: look again in another. */
  broken(): void {
    this.#inside = false;
    this.#book(this.#around.again);
  }

  readonly #onBooked = (): void => {
    this.#booked = false;
    if (!this.#parked) this.#work();
  };

  #book(how: (fn: () => void) => void): void {
    if (this.#booked) return;
    this.#booked = true;
    how(this.#onBooked);
  }

  #work(): void {
    const { clock } = this.#around;
    this.#inside = true;
    const start = clock.now();
    for (let now = start; !this.#isOver(now, start); now = clock.now()) {
      if (this.#inbox.take(most) > 0) {
        this.#activeAt = clock.now();
        if (this.#looksOut) this.#around.spin.hit();
        this.#looksOut = false;
      } else for (let look = 0; look < 16 && !this.#ring.hasMore; look++);
    }
    this.#inside = false;
  }

  /** Nothing is left to do in this callback; another is booked, or the thread is parked. */
  #isOver(now: number, start: number): boolean {
    const { again, nextTurn, spin, isIdle, goesOn, onAwake } = this.#around;
    if (now - start >= turnMs) {
      this.#lane.flush();
      this.#book(nextTurn);
      return true;
    }
    if (this.#ring.hasMore) return false;
    this.#lane.flush();
    // The thread has work: to park would say that it sleeps, and whoever spins for it would take its core.
    if (goesOn()) {
      this.#book(nextTurn);
      return true;
    }
    const wait = spin.msAt(now);
    this.#looksOut = now - this.#activeAt < wait;
    if (this.#looksOut) {
      if (isIdle()) return false;
      this.#book(again);
      return true;
    }
    if (!this.#ring.park()) return false;
    this.#parked = true;
    if (wait > 0) spin.slept(now);
    onAwake(false);
    return true;
  }
}
