import type { PendingCall } from '../link/call-table.ts';
import type { CallerLink } from '../link/caller-link.ts';
import type { CallState } from '../wire/state-words.ts';

/** Where a job stands on its loop: one that awaits has begun and leaves the thread to others. */
export type JobPlace = 'queued' | 'onThread' | 'awaiting' | 'over';

/** Calls that their loop has left behind before they began, so that another loop may run them. */
export const unbegun: WeakSet<object> = new WeakSet();

/** Where a call stands right now: the words that both threads share tell it without a message. */
export function placeOf(link: CallerLink, call: PendingCall): JobPlace {
  const state = link.stateOf(call);
  if (state === 'queued') return 'queued';
  if (!isRunning(state)) return 'over';
  if (link.hasThread(call) === true) return 'onThread';
  // The thread may have gone on to the next one between the two looks, since this one has ended.
  return isRunning(link.stateOf(call)) ? 'awaiting' : 'over';
}

function isRunning(state: CallState): boolean {
  return state === 'running' || state === 'cancelling';
}
