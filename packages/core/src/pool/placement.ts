import type { JobKind } from './job-kind.ts';
import { packUs } from './limits.ts';
import { type Seat, SeatState } from './seat.ts';

/** Where a call of this kind goes; undefined when no loop has room. See the table in `dispatch.ts`. */
export function placeFor<C, L>(kind: JobKind, seats: readonly Seat<C, L>[]): Seat<C, L> | undefined {
  const { us, isTiny } = kind;
  const leastUs = kind.awaitsSoon ? leastLoad(seats) : 0;
  let best: Seat<C, L> | undefined;
  for (const seat of seats) {
    if (!seat.hasRoomFor(kind, leastUs)) continue;
    if (best === undefined || (isTiny ? packs(seat, best, us) : spreads(seat, best))) best = seat;
  }
  return best;
}

/** Of the loops that take calls. */
function leastLoad<C, L>(seats: readonly Seat<C, L>[]): number {
  let least = Infinity;
  for (const seat of seats) if (seat.isOpen && !seat.isFull && seat.loadUs < least) least = seat.loadUs;
  return least;
}

/** For tiny jobs: the fullest loop that is awake and not full yet; else one that is parked; else the least loaded. */
function packs<C, L>(seat: Seat<C, L>, best: Seat<C, L>, us: number): boolean {
  const rank = packRank(seat, us) - packRank(best, us);
  if (rank !== 0) return rank < 0;
  return packRank(seat, us) === 0 ? seat.workUs > best.workUs : seat.loadUs < best.loadUs;
}

function packRank<C, L>(seat: Seat<C, L>, us: number): number {
  if (seat.state === SeatState.parked) return 1;
  return seat.workUs + us <= packUs ? 0 : 2;
}

/** For all others: one that has nothing to do, then the least loaded, then one that need not be woken. */
function spreads<C, L>(seat: Seat<C, L>, best: Seat<C, L>): boolean {
  const idle = Number(seat.occupying > 0) - Number(best.occupying > 0);
  if (idle !== 0) return idle < 0;
  if (seat.loadUs !== best.loadUs) return seat.loadUs < best.loadUs;
  return seat.state === SeatState.awake && best.state === SeatState.parked;
}
