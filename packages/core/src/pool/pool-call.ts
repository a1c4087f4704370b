import { priorityStepMs } from './backlog.ts';
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

/** When a call comes, and what it asks of its place in the line and of its loop. */
export interface Wish {
  /** The time now, in milliseconds. */
  readonly at: number;
  readonly priority: number;
  readonly key: unknown;
}

const noWish: Wish = { at: 0, priority: 0, key: undefined };

/** One call as the dispatch sees it. */
export class PoolCall<C> extends LineItem<PoolCall<C>> {
  readonly payload: C;
  readonly kind: JobKind;
  readonly priority: number;
  readonly rank: number;
  /** Calls with the same key go to the same loop. */
  readonly key: unknown;
  phase: CallPhase = CallPhase.waiting;
  /** What its loop is charged with while it has this call, so that exactly this is taken off again. */
  chargedUs = 0;

  constructor(order: number, payload: C, kind: JobKind, wish: Wish = noWish) {
    super(order);
    this.payload = payload;
    this.kind = kind;
    this.priority = wish.priority;
    this.rank = wish.at - wish.priority * priorityStepMs;
    this.key = wish.key;
  }

  /** When it began to wait, in milliseconds. */
  get since(): number {
    return this.rank + this.priority * priorityStepMs;
  }

  get occupies(): boolean {
    return this.phase === CallPhase.committed || this.phase === CallPhase.running;
  }
}
