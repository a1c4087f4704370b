// What travels to a thread of another library's pool and back, with one shared word per call. No state: both sides have a copy.

/*
 *   the pool runs it                the job ends
 *  queued ──────────────► running ─────────────────► ended
 *    │ the caller cancels    │ the caller cancels       ▲
 *    ▼                       ▼             the job ends │
 *  cancelled             cancelling ────────────────────┘
 */
export const PeerState = { queued: 0, running: 1, cancelling: 2, ended: 3, cancelled: 4 } as const;

export type PeerState = (typeof PeerState)[keyof typeof PeerState];

/** Where in the shared memory the state is, and where the id of the thread that runs the call. */
export const stateAt = 0;
export const threadAt = 1;

/** The export of `offloop/peer` that the pool runs. */
export const peerJob = 'runJob';

export interface PeerCall {
  readonly url: string;
  readonly name: string;
  readonly args: readonly unknown[];
  /** What travels with it: [name, value, name, value, …]. */
  readonly carried: readonly unknown[] | undefined;
  readonly words: Int32Array<SharedArrayBuffer>;
}

export type PeerOutcome<Thrown> =
  | { readonly state: 'done'; readonly value: unknown }
  | { readonly state: 'failed' | 'cancelled'; readonly error: Thrown };

/** Step from one state to another, unless the other side was faster. */
export function step(words: Int32Array<SharedArrayBuffer>, from: PeerState, to: PeerState): boolean {
  return Atomics.compareExchange(words, stateAt, from, to) === from;
}
