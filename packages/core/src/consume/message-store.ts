import type { DeadReason, SourceHealth } from './source.ts';

/** A message as its store hands it over. `attempt` counts this delivery already. */
export interface Message<T> {
  readonly id: string;
  readonly name: string;
  readonly data: T;
  readonly attempt: number;
  /** As it lies in the store, where that is something else. */
  readonly raw?: unknown;
}

/** True: it is stored. False: the message is no longer this intake's, and nothing was changed. */
export type Stored = boolean | PromiseLike<boolean>;

/**
 * What is particular to a source; `openIntake` makes the rest of it: slots, attempts, back-off, pausing, draining, closing. Each
 * step is one change in the store. A step that rejects or throws is tried again until it has an answer, so it may have
 * happened before: a store answers for a message that is not there as it does for one that another has.
 */
export interface MessageStore<M extends Message<unknown> = Message<unknown>> {
  /** Deliveries that a message gets where `consume` is not told. */
  readonly attempts: number;
  /** Milliseconds until the next one, where `consume` is not told. Never throws. */
  readonly backoff: (attempt: number, error: unknown) => number;
  /**
   * So many slots are free: hand over at most so many messages from now on, each as soon as there is one. Called whenever the
   * number changes otherwise than by a message that was handed over, and with 0 for: no more. Never throws.
   */
  want(count: number): void;
  /** Resolves when no message is on its way to the sink any more, after `want(0)`. Never rejects. */
  quiet(): Promise<void>;
  acknowledge(message: M, result: unknown): Stored;
  /** Deliver it again in `delayMs` milliseconds. */
  retry(message: M, delayMs: number, error: unknown): Stored;
  bury(message: M, reason: DeadReason, error: unknown): Stored;
  /** Deliver it again at once, and do not count this delivery, where the store can. */
  giveBack(message: M): Stored;
  extend(message: M): Stored;
  /** Let go of connections and timers, in a few seconds at most. Never rejects. */
  close(): Promise<void>;
  health(): SourceHealth;
}

/** What a store tells. */
export interface MessageSink<M extends Message<unknown>> {
  /** A message is this intake's now; at most as many as were wanted. */
  deliver(message: M): void;
  /** What is this intake's now is no message; `error` is what the parser threw. It counts as one that was wanted. */
  deliverMalformed(message: M, error: unknown): void;
  /** It is no longer this intake's. */
  lose(message: M, why: string): void;
  /** The store has trouble, told once per trouble. */
  trouble(error: Error): void;
  /** No retry will mend this: the intake ends with `error`, and gives back what it has. */
  fail(error: Error): void;
}
