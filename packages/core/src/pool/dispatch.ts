import { KindTable } from './kind-table.ts';
import { placeFor } from './placement.ts';
import { CallPhase, PoolCall, type Wish } from './pool-call.ts';
import { Seat, SeatState } from './seat.ts';
import { WaitingCalls } from './waiting-calls.ts';

/*
 * Which call goes to which loop of a pool, and when. The states of a call are in `pool-call.ts`, those of a loop in
 * `seat.ts`, the numbers in `limits.ts`.
 *
 * What counts is the time for which a call keeps its loop from starting another: all of a blocking job, the first part of
 * one that awaits. Its estimate (`us`) is the average of its kind; `work` is the sum of a loop's committed calls, `load`
 * the same with what its awaiting calls will still run.
 *
 *   a loop has room for a call when it is open (awake or parked), has not `maxInFlight` calls, and
 *     nothing occupies it                                    any call
 *     work + us ≤ 200 µs, fewer than 4096 calls              the window: replies travel while it works
 *     work ≤ 100 µs, fewer than 4096 calls                   nothing before it is worth another loop
 *     one call below 1 ms, and this one is below 1 ms, too   the next one is there when the first ends
 *     known to await within 20 µs, no call before it is      what such calls keep the loop from is over before it is known
 *       long, no open loop has less load, fewer than 4096
 *
 *   of the loops with room
 *     a tiny call (< 20 µs,   goes to the fullest loop that is awake and has ≤ 100 µs with it; else it wakes a parked one;
 *       and never awaits)     else to the least loaded
 *     any other call          goes to a loop that nothing occupies; else to the least loaded; awake ones first
 *     a call never measured   counts as long (1 ms), and so does the rest of one that awaits, which nobody measures
 *     equal loops             the one that joined first
 *
 *   a call with a key      goes to the loop that the key's first call went to, as long as that takes calls
 *
 * Invariants, each a test:
 *   1. Calls of one priority are assigned in the order of submission, whatever their kind; so nothing starves, and calls that
 *      share a loop keep their order. (One that was taken back stands again where it stood.) Priorities: see `backlog.ts`.
 *   2. While a call waits, no open loop has room for it, or that of its key has none; so none is idle, unless it has `maxInFlight` calls that await.
 *   3. Nothing is committed behind a long call, and a call that is not tiny is committed behind another only when no open
 *      loop is idle.
 *   4. A waiting call that was cancelled is never assigned; cancelling costs the same however many wait.
 *   5. A call is in one place: in the line, on one loop, or handed to the pool, which was told once.
 *   6. What is heard of a call that its loop no longer has (it crashed, the call was taken back) changes nothing.
 */

/** Sends a call to a loop. It may call the dispatch at once (the link refused the call, or is broken); it must not throw. */
export type Assign<C, L> = (call: PoolCall<C>, loop: L) => void;

/** The dispatch of one pool. It knows neither threads nor time: the pool tells it what happens, and it says who gets what. */
export class Dispatch<C, L> {
  readonly #assign: Assign<C, L>;
  readonly #kinds: KindTable;
  /** In the order in which they joined. An array: every assignment goes through it. */
  readonly #seats: Seat<C, L>[] = [];
  readonly #waiting = new WaitingCalls<C, L>();
  #nextOrder = 0;
  #assigning = false;

  constructor(assign: Assign<C, L>, kinds: KindTable = new KindTable()) {
    this.#assign = assign;
    this.#kinds = kinds;
  }

  /** Calls that wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The loops, those that start or leave too. */
  get seats(): readonly Seat<C, L>[] {
    return this.#seats;
  }

  /** Call `job` with `payload` on some loop. `job` is what calls of one kind have in common: the job reference. */
  submit(job: unknown, payload: C, wish?: Wish): PoolCall<C> {
    const call = new PoolCall(this.#nextOrder++, payload, this.#kinds.find(job), wish);
    // Most of them need not wait: they stand in no line.
    const seat = this.#assigning || !this.#waiting.isFree(call) ? undefined : placeFor(call.kind, this.#seats);
    if (seat !== undefined) {
      this.#assignAll(call, seat);
      return call;
    }
    this.#waiting.push(call);
    // Behind another that waits it waits, too.
    if (this.#waiting.isFirst(call)) this.#assignAll();
    return call;
  }

  /** Take a call out of the line; false when it does not wait, and then it is for its loop to cancel it. */
  cancel(call: PoolCall<C>): boolean {
    if (call.phase !== CallPhase.waiting || !this.#waiting.remove(call, this.#seats)) return false;
    call.phase = CallPhase.done;
    // The next one may be shorter and fit where this one did not.
    this.#assignAll();
    return true;
  }

  /** Take out everything that waits, in order: the pool closes, or has no loop left. */
  clear(): PoolCall<C>[] {
    const calls = this.#waiting.takeAll(this.#seats);
    for (const call of calls) call.phase = CallPhase.done;
    return calls;
  }

  /** A loop starts. It gets calls once it is ready, never more than `maxInFlight`: the limit of its link. */
  join(loop: L, maxInFlight: number = Infinity): Seat<C, L> {
    const seat = new Seat<C, L>(loop, maxInFlight);
    this.#seats.push(seat);
    return seat;
  }

  /** The loop answers: it has started, or was stuck and is no more. */
  ready(seat: Seat<C, L>): void {
    if (seat.state !== SeatState.starting && seat.state !== SeatState.stuck) return;
    seat.state = SeatState.awake;
    this.#assignAll();
  }

  /** The loop sleeps, and the next call has to wake it. Not so when one has been assigned meanwhile. */
  parked(seat: Seat<C, L>): void {
    if (seat.occupying > 0) return;
    if (seat.state !== SeatState.awake && seat.state !== SeatState.stuck) return;
    seat.state = SeatState.parked;
    this.#assignAll();
  }

  /** The call has the thread. */
  began(seat: Seat<C, L>, call: PoolCall<C>): void {
    if (!this.#hears(seat, call)) return;
    if (call.phase === CallPhase.committed) call.phase = CallPhase.running;
    this.#assignAll();
  }

  /** A loop has told how long calls of `job` have its thread before they first await: an average, in microseconds. */
  measured(job: unknown, us: number): void {
    this.#kinds.find(job).toldUntilFree(us);
    // More may fit, where it is less than was thought.
    this.#assignAll();
  }

  /** The call awaits: others can start. */
  suspended(seat: Seat<C, L>, call: PoolCall<C>): void {
    if (!this.#hears(seat, call)) return;
    if (call.occupies) {
      call.kind.learnAwaits();
      seat.suspend(call);
    }
    this.#assignAll();
  }

  /** The call is over, or never ran. */
  settled(seat: Seat<C, L>, call: PoolCall<C>): void {
    if (!this.#hears(seat, call)) return;
    seat.release(call, CallPhase.done);
    this.#endIfEmpty(seat);
    this.#assignAll();
  }

  /**
   * The loop has said nothing for longer than its committed work should take: some job of it is not what its kind was. It gets
   * no call until something is heard of it. Returns the calls that wait there behind the culprit: those that the pool wins
   * back from the loop (by their state word) it gives to `takeBack`.
   */
  overran(seat: Seat<C, L>): PoolCall<C>[] {
    if (seat.isOpen) seat.state = SeatState.stuck;
    return [...seat.inFlight].filter((call) => call.phase === CallPhase.committed);
  }

  /** Calls that were won back from their loop, or lost with it, and never began: they wait again, where they stood. */
  takeBack(seat: Seat<C, L>, calls: readonly PoolCall<C>[]): void {
    // Later ones first: each then finds its place at the front.
    for (const call of [...calls].sort((a, b) => b.order - a.order)) {
      if (call.phase === CallPhase.committed && seat.inFlight.has(call)) seat.release(call, CallPhase.waiting);
      else if (call.phase !== CallPhase.lost) continue;
      call.phase = CallPhase.waiting;
      this.#waiting.putBack(call);
    }
    this.#endIfEmpty(seat);
    this.#assignAll();
  }

  /** The loop gets no more calls, and is gone when those that it has are settled. */
  leave(seat: Seat<C, L>): void {
    if (seat.state === SeatState.gone) return;
    seat.state = SeatState.leaving;
    this.#waiting.vacate(seat);
    this.#endIfEmpty(seat);
    // Those that wanted it may go elsewhere, and another may have the least load now.
    this.#assignAll();
  }

  /** The thread has ended. Returns what it had, in order, for the pool to reject or, what never began, to `takeBack`. */
  lost(seat: Seat<C, L>): PoolCall<C>[] {
    const calls = [...seat.inFlight];
    for (const call of calls) seat.release(call, CallPhase.lost);
    this.#remove(seat);
    this.#waiting.vacate(seat);
    this.#assignAll();
    return calls;
  }

  /** Whether the loop still has this call; that it was heard of at all says that the loop is not stuck. */
  #hears(seat: Seat<C, L>, call: PoolCall<C>): boolean {
    if (!seat.inFlight.has(call)) return false;
    if (seat.state === SeatState.stuck) seat.state = SeatState.awake;
    return true;
  }

  #endIfEmpty(seat: Seat<C, L>): void {
    if (seat.state === SeatState.leaving && seat.inFlight.size === 0) this.#remove(seat);
  }

  #remove(seat: Seat<C, L>): void {
    seat.state = SeatState.gone;
    const index = this.#seats.indexOf(seat);
    if (index >= 0) this.#seats.splice(index, 1);
  }

  /**
   * Hand out what fits, first come first served; before that, a call that need not wait. What `assign` tells us meanwhile is
   * taken in by the loop that runs.
   */
  #assignAll(first?: PoolCall<C>, place?: Seat<C, L>): void {
    if (this.#assigning) return;
    this.#assigning = true;
    try {
      if (first !== undefined && place !== undefined) this.#give(first, place);
      for (let next = this.#waiting.next(this.#seats); next !== undefined; next = this.#waiting.next(this.#seats))
        this.#give(...next);
    } finally {
      this.#assigning = false;
    }
  }

  #give(call: PoolCall<C>, seat: Seat<C, L>): void {
    seat.take(call);
    this.#assign(call, seat.loop);
  }
}
