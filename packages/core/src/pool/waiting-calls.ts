import { Backlog, comesBefore } from './backlog.ts';
import { Homes } from './homes.ts';
import { placeFor } from './placement.ts';
import type { PoolCall } from './pool-call.ts';
import { type Seat, SeatState } from './seat.ts';

/*
 *   in the line ── first, and its key has a loop ──► at that loop's own backlog
 *       ▲   └─── first, and a loop has room ──► assigned ◄── the loop has room ──┘
 *       └───────────────── the loop leaves or is lost ───────────────────────────┘
 */
/** The calls that wait for room: in one line, or, with a key that has a loop, for that loop alone. */
export class WaitingCalls<C, L> {
  readonly #line = new Backlog<PoolCall<C>>();
  readonly #homes = new Homes<Seat<C, L>>();
  /** Calls that wait for the loop of their key. */
  #atHome = 0;

  get size(): number {
    return this.#line.size + this.#atHome;
  }

  /** Whether a call that comes now need not wait for another, nor for the loop of its key. */
  isFree(call: PoolCall<C>): boolean {
    return this.size === 0 && call.key === undefined;
  }

  /** Whether the call is the next of the line. */
  isFirst(call: PoolCall<C>): boolean {
    return this.#line.first === call;
  }

  push(call: PoolCall<C>): void {
    this.#line.push(call);
  }

  putBack(call: PoolCall<C>): void {
    this.#line.putBack(call);
  }

  /** Take a call out; false when it does not wait. */
  remove(call: PoolCall<C>, seats: readonly Seat<C, L>[]): boolean {
    if (this.#line.remove(call)) return true;
    if (call.key === undefined || !seats.some(({ own }) => own.remove(call))) return false;
    this.#atHome--;
    return true;
  }

  /** Take everything out, in the order in which it was submitted. */
  takeAll(seats: readonly Seat<C, L>[]): PoolCall<C>[] {
    for (const seat of seats) this.vacate(seat);
    return this.#line.takeAll();
  }

  /** What waits for this loop alone waits for any from now on. */
  vacate({ own }: Seat<C, L>): void {
    const calls = own.takeAll();
    this.#atHome -= calls.length;
    for (const call of calls.toReversed()) this.#line.putBack(call);
  }

  /** Take out the next call that a loop has room for, with that loop; undefined when none has. */
  next(seats: readonly Seat<C, L>[]): [call: PoolCall<C>, seat: Seat<C, L>] | undefined {
    if (this.size === 0) return undefined;
    let call = this.#line.first;
    while (call?.key !== undefined && this.#sendHome(call)) call = this.#line.first;
    let seat = call === undefined ? undefined : placeFor(call.kind, seats);
    if (seat === undefined) call = undefined;
    if (this.#atHome > 0) {
      for (const each of seats) {
        const { first } = each.own;
        if (first === undefined || !each.hasRoomFor(first.kind, Infinity)) continue;
        if (call === undefined || comesBefore(first, call)) [call, seat] = [first, each];
      }
    }
    if (call === undefined || seat === undefined) return undefined;
    this.remove(call, seats);
    if (call.key !== undefined) this.#homes.settle(call.key, seat);
    return [call, seat];
  }

  /** The first call of the line has a key: let it wait for the loop of that, if there is one. */
  #sendHome(call: PoolCall<C>): boolean {
    const home = this.#homes.find(call.key, takesCalls);
    if (home === undefined) return false;
    this.#line.remove(call);
    home.own.push(call);
    this.#atHome++;
    return true;
  }
}

/** It has not left; a loop that is stuck for a while keeps its keys. */
function takesCalls<C, L>({ state }: Seat<C, L>): boolean {
  return state !== SeatState.leaving && state !== SeatState.gone;
}
