import type { ErrorContext } from './call-host.ts';

/*
 *   starting ── Ready ──► running ── close ──► closing ── the thread ends ──► closed
 *       │ the setup fails    │ the thread ends by itself (crash)                 ▲
 *       └────────────────────┴───────────────────────────────────────────────────┘
 */
export type LoopState = 'starting' | 'running' | 'closing' | 'closed';

/** What a loop's thread tells the loop. */
export interface LoopThreadEvents {
  onError(error: unknown, context: ErrorContext): void;
  /** A first call is about to be made, and none is in flight. */
  onBusy(): void;
  onSlow(job: string, ms: number): void;
  /** The thread has ignored its termination; `onExit` follows. */
  onLost(): void;
  onExit(code: number, error: Error | undefined): void;
}
