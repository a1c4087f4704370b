import type { JobKind } from './job-kind.ts';
import { LineItem } from './line.ts';

/*
 *            a loop has room               it has the thread              it awaits
 *   waiting ─────────────────► committed ────────────────────► running ─────────────► suspended
 *    │   ▲ ▲                    │  │  └───────────── settled ─────┼──────────────────────┤
 *    │   │ └──── taken back ────┘  └────── the loop crashes ──────┤                      │
 *    │   └────── taken back ──── lost ◄───────────────────────────┴──────────────────────┤
 *    └── cancelled, or the pool closes ──► done ◄────────────────────────────────────────┘ settled
 *
 * `began` may never be told (a job that is over at once says so by settling): committed → suspended and committed → done
 * are ways, too. A call that is committed or running occupies its loop; a suspended one does not.
 */
export const CallPhase = {
  waiting: 'waiting',
  committed: 'committed',
  running: 'running',
  suspended: 'suspended',
  lost: 'lost',
  done: 'done',
} as const;

export type CallPhase = (typeof CallPhase)[keyof typeof CallPhase];

/** One call as the dispatch sees it. */
export class PoolCall<C> extends LineItem<PoolCall<C>> {
  readonly payload: C;
  readonly kind: JobKind;
  phase: CallPhase = CallPhase.waiting;
  /** What its loop is charged with while it has this call, so that exactly this is taken off again. */
  chargedUs = 0;
  /** How long it had the thread before it first awaited. */
  untilFreeUs = 0;

  constructor(order: number, payload: C, kind: JobKind) {
    super(order);
    this.payload = payload;
    this.kind = kind;
  }

  get occupies(): boolean {
    return this.phase === CallPhase.committed || this.phase === CallPhase.running;
  }
}
