import type { Future } from './future.ts';

/*
 *                       cancel() refused
 *   pending ──► running ─────────────────► done | failed
 *      │           │ cancel() accepted        ▲
 *      │           └──► cancelling ───────────┤ the work ignored the cancel and ended by itself
 *      │                     │
 *      └─── cancel() ────────┴──► cancelled
 *
 * done, failed and cancelled are final: the first settlement counts, later ones change nothing.
 * `running` and `cancelling` are known only to futures of work that tells them (tasks, jobs in another thread).
 */
export type FutureState = 'pending' | 'running' | 'cancelling' | 'done' | 'failed' | 'cancelled';

/** What the inside of the library may do with a future and its users may not. */
export interface FutureInternals {
  /** Somebody looks after a failure of this future: it is not reported as unhandled. */
  observe: (future: Future<unknown>) => void;
  /** As `await` does: the failure is looked after, and unfinished work holds the process. */
  hold: (future: Future<unknown>) => void;
  /** Whoever has held it waits for it no more. */
  release: (future: Future<unknown>) => void;
  /** The result, or what it failed or was cancelled with; undefined while unfinished. With `observes` false nobody looks after it. */
  outcomeOf: (future: Future<unknown>, observes?: boolean) => unknown;
  /** Call `fn` synchronously when the future settles, at once if it has. */
  subscribe: (future: Future<unknown>, fn: () => void) => void;
  unsubscribe: (future: Future<unknown>, fn: () => void) => void;
}
