import type { Clock } from '../base/clock.ts';
import { mostRecords, sliceMs } from './paced-receiver.ts';
import type { RecordInbox } from './record-inbox.ts';
import type { RecordLane } from './record-lane.ts';
import type { RingReader } from './ring.ts';
import type { Spin } from './spin.ts';
import type { CallerFrame, GuestFrame } from '../wire/frames.ts';

/** Records between two looks at the clock. */
const stride = 64;
/** Between two turns a reply is waited for at most so long … */
const briefMs = 0.003;
/** … and only so long after the last turn, or a program that awaits one call after another would never come to its timers and sockets. */
const tickMs = 0.25;

export interface CallerPollSurroundings {
  readonly clock: Clock;
  /** Call a function when what runs now, and all microtasks, are over. */
  readonly nextTick: (fn: () => void) => void;
  /** Call a function in the next turn of the event loop. */
  readonly nextTurn: (fn: () => void) => void;
  readonly spin: Spin;
  /** Is any reply due? */
  readonly isExpecting: () => boolean;
}

/*
 *   parked ── a bell, or a call is sent and may be looked out for ──► awake
 *   awake: a look after each tick (no longer than briefly), and one each turn; each takes half a millisecond's worth
 *   awake ── nothing due, or none came for the time of a spin ──► parks, looks again ──► parked
 *
 * Awake means that a turn is booked: nothing that the other side writes without a bell stays unseen.
 */
/** When the caller's side of a ring lane looks for replies. */
export class CallerPoll {
  readonly #ring: RingReader;
  readonly #inbox: RecordInbox<GuestFrame>;
  readonly #lane: RecordLane<CallerFrame>;
  readonly #around: CallerPollSurroundings;
  #parked = true;
  #tickBooked = false;
  #turnBooked = false;
  /** When the last turn began, and when the last reply came. */
  #turnAt = 0;
  #activeAt = 0;
  #taking = false;

  constructor(
    ring: RingReader,
    inbox: RecordInbox<GuestFrame>,
    lane: RecordLane<CallerFrame>,
    around: CallerPollSurroundings,
  ) {
    this.#ring = ring;
    this.#inbox = inbox;
    this.#lane = lane;
    this.#around = around;
    if (!ring.park()) this.#wake(around.clock.now());
  }

  /** A reply is due. */
  expect(): void {
    if (this.#tickBooked) return;
    if (this.#parked) {
      const now = this.#around.clock.now();
      if (this.#around.spin.msAt(now) === 0) return;
      this.#wake(now);
    }
    this.#tickBooked = true;
    this.#around.nextTick(this.#tick);
  }

  /** The other side has rung: there are replies, or room for calls. */
  bell(): void {
    this.#lane.refill();
    if (this.#taking) return;
    const now = this.#around.clock.now();
    if (this.#parked) {
      this.#around.spin.woken(now);
      this.#unpark(now);
    }
    this.#look(now);
  }

  /** Take all there is, now. */
  readArrived(): void {
    while (this.#inbox.take(stride) > 0);
  }

  #wake(now: number): void {
    this.#unpark(now);
    this.#bookTurn();
  }

  /** A look must follow, or a turn: one that was booked for nothing would cost as much as the reply itself. */
  #unpark(now: number): void {
    this.#parked = false;
    this.#ring.unpark();
    this.#activeAt = now;
  }

  #bookTurn(): void {
    if (this.#turnBooked) return;
    this.#turnBooked = true;
    this.#around.nextTurn(this.#turn);
  }

  readonly #tick = (): void => {
    this.#tickBooked = false;
    if (this.#parked) return;
    const start = this.#around.clock.now();
    if (start - this.#turnAt > tickMs) return;
    this.#lane.flush();
    // Looks are cheap, the clock is not.
    while (!this.#ring.hasMore) {
      for (let look = 0; look < 16 && !this.#ring.hasMore; look++);
      if (this.#around.clock.now() - start > briefMs) return;
    }
    this.#around.spin.hit();
    this.#take(start);
    // The rest of a burst comes close behind its first reply: sooner than a turn of the event loop.
    if (this.#around.isExpecting()) this.expect();
  };

  readonly #turn = (): void => {
    this.#turnBooked = false;
    if (this.#parked) return;
    if (this.#ring.hasMore) this.#around.spin.hit();
    this.#look(this.#around.clock.now());
  };

  /** One turn: take, then look again next turn or go to sleep. */
  #look(now: number): void {
    this.#turnAt = now;
    const isBusy = this.#take(now);
    const { spin, isExpecting } = this.#around;
    const wait = isExpecting() ? spin.msAt(now) : 0;
    if (isBusy || now - this.#activeAt < wait || !this.#ring.park()) this.#bookTurn();
    else {
      this.#parked = true;
      if (wait > 0) spin.slept(now);
    }
  }

  /** Take until there is nothing more or the slice is over; true when there is more. */
  #take(start: number): boolean {
    if (!this.#ring.hasMore) return false;
    this.#taking = true;
    this.#activeAt = start;
    let more = true;
    let left = mostRecords;
    do {
      if (this.#inbox.take(stride) < stride) more = this.#ring.hasMore;
      left -= stride;
    } while (more && left > 0 && this.#around.clock.now() - start < sliceMs);
    this.#taking = false;
    this.#lane.refill();
    return more;
  }
}
