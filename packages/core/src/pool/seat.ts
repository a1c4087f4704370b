import { Backlog } from './backlog.ts';
import type { JobKind } from './job-kind.ts';
import { longUs, maxCommitted, packUs, windowUs } from './limits.ts';
import { Line } from './line.ts';
import { CallPhase, type PoolCall } from './pool-call.ts';

/*
 *   starting ── ready ──► awake ◄──────────────── anything heard of it ───┐
 *                         │   ▲ └── overran: it answers no more ──► stuck ┘
 *                  parked │   │ a call is assigned
 *                         ▼   │
 *                        parked
 *
 *   any of them ── leave ──► leaving ── its last call has settled ──► gone
 *   any of them ── lost ────────────────────────────────────────────► gone
 */
export const SeatState = {
  starting: 'starting',
  awake: 'awake',
  parked: 'parked',
  stuck: 'stuck',
  leaving: 'leaving',
  gone: 'gone',
} as const;

export type SeatState = (typeof SeatState)[keyof typeof SeatState];

/** A loop's place in the pool: what is committed to it and whether there is room for more. */
export class Seat<C, L> {
  readonly loop: L;
  /** The calls that the loop has, awaiting ones too, in the order in which they were assigned. */
  readonly inFlight: Line<PoolCall<C>> = new Line();
  /** Calls that wait for this loop alone, since their key is at home here. */
  readonly own: Backlog<PoolCall<C>> = new Backlog();
  state: SeatState = SeatState.starting;
  readonly #maxInFlight: number;
  #occupying = 0;
  /** Those of them that are long. */
  #long = 0;
  #workUs = 0;
  #laterUs = 0;

  constructor(loop: L, maxInFlight: number) {
    this.loop = loop;
    this.#maxInFlight = maxInFlight;
  }

  /** Calls that have not let go of the thread. */
  get occupying(): number {
    return this.#occupying;
  }

  /** Their estimated time. */
  get workUs(): number {
    return this.#workUs;
  }

  /** The same with what its awaiting calls will ask for when they go on. */
  get loadUs(): number {
    return this.#workUs + this.#laterUs;
  }

  get isOpen(): boolean {
    return this.state === SeatState.awake || this.state === SeatState.parked;
  }

  /** It may not have a call more. */
  get isFull(): boolean {
    return this.inFlight.size >= this.#maxInFlight;
  }

  /** A call of this kind may be committed, where the open loop with least load has so much: see the table in `dispatch.ts`. */
  hasRoomFor(kind: JobKind, leastUs: number): boolean {
    const { us } = kind;
    if (!this.isOpen || this.isFull) return false;
    if (this.#occupying === 0) return true;
    if (this.#occupying >= maxCommitted) return false;
    if (kind.awaitsSoon && this.#long === 0 && this.loadUs <= leastUs) return true;
    if (this.#workUs + us <= windowUs || this.#workUs <= packUs) return true;
    return this.#occupying === 1 && this.#workUs < longUs && us < longUs;
  }

  take(call: PoolCall<C>): void {
    this.inFlight.push(call);
    this.state = SeatState.awake;
    call.phase = CallPhase.committed;
    call.chargedUs = exact(call.kind.us);
    this.#workUs += call.chargedUs;
    this.#occupying++;
    if (call.chargedUs >= longUs) this.#long++;
  }

  /** The call awaits: its first part is paid, and the rest is load but no work that anyone waits behind. */
  suspend(call: PoolCall<C>): void {
    this.#discharge(call);
    call.phase = CallPhase.suspended;
    call.chargedUs = exact(call.kind.laterUs);
    this.#laterUs += call.chargedUs;
  }

  /** The loop has this call no more. */
  release(call: PoolCall<C>, phase: CallPhase): void {
    this.#discharge(call);
    this.inFlight.remove(call);
    call.phase = phase;
  }

  #discharge(call: PoolCall<C>): void {
    if (call.occupies) {
      this.#occupying--;
      this.#workUs -= call.chargedUs;
      if (call.chargedUs >= longUs) this.#long--;
    } else this.#laterUs -= call.chargedUs;
    call.chargedUs = 0;
  }
}

/** A multiple of 1/1024: sums of such numbers do not drift, so that a loop with one long call has exactly its time to do. */
function exact(us: number): number {
  return Math.round(us * 1024) / 1024;
}
