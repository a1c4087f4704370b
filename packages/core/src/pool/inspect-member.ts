import type { Dispatch } from './dispatch.ts';
import type { Member, RunCall } from './member.ts';
import { CallPhase } from './pool-call.ts';
import type { PoolRun } from './pool-run.ts';

/** A job that has the thread for so long, and four times as long as its kind, is not what its kind was. */
const overrunMs = 5;
const overrunFactor = 4;

type PoolDispatch = Dispatch<PoolRun<unknown>, Member>;

/** Tell the dispatch what has become of the calls that occupy a loop; returns whether that is news. */
export function inspectMember(dispatch: PoolDispatch, member: Member, now: number): boolean {
  const { seat } = member;
  let changed = endZombies(dispatch, member);
  const suspended: RunCall[] = [];
  let onThread: RunCall | undefined;
  let queued = 0;
  // Calls begin in order, so behind one that awaits none has to be looked for.
  for (let call = seat.inFlight.last; call?.occupies === true; call = call.ahead) {
    const { place } = call.payload;
    if (place === 'awaiting') suspended.push(call);
    else if (place === 'onThread') onThread = call;
    else if (place === 'queued') queued++;
  }
  for (const call of suspended) dispatch.suspended(seat, call);
  if (onThread !== undefined && onThread.phase === CallPhase.committed) dispatch.began(seat, onThread);
  changed ||= suspended.length > 0;
  if (onThread !== member.onThread) {
    // Of one that blocks there is nothing to see before it settles: looking costs main what the job gains.
    changed ||= onThread?.kind.isBlocking !== true;
    member.onThreadSince = now;
  }
  member.onThread = onThread;
  if (onThread !== undefined && queued > 0 && hasOverrun(onThread, now - member.onThreadSince))
    winBack(dispatch, member);
  return changed;
}

/** Take back what waits on a loop behind a job that does not end. */
export function winBack(dispatch: PoolDispatch, { seat }: Member): void {
  const won = dispatch.overran(seat).filter(({ payload }) => payload.winBack());
  dispatch.takeBack(seat, won);
}

function endZombies(dispatch: PoolDispatch, member: Member): boolean {
  let changed = false;
  for (const call of member.zombies) {
    if (call.payload.place === 'onThread') continue;
    member.zombies.delete(call);
    dispatch.settled(member.seat, call);
    changed = true;
  }
  return changed;
}

function hasOverrun(call: RunCall, ms: number): boolean {
  return ms > overrunMs && ms * 1000 > overrunFactor * call.kind.us;
}
