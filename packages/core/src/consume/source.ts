// Where messages come from: what every source gives, and all that `consume` knows of one.

/*
 * A message, as its source sees it. Only the source changes these states, and each change is one step in its store, so that a
 * process that is killed between two of them leaves the message in one of them:
 *
 *                    ┌────────────── rejected: after its back-off, attempt + 1 ─────────────────┐
 *                    ▼                                                                          │
 *   (put in) ──► waiting ── taken, a slot is free: the lease begins, attempt counts ──► held ───┤
 *                    ▲                                                                   │ │ │  │
 *                    ├── close() with the handler unfinished: at once, uncounted ────────┘ │ │  │
 *                    └── the lease ran out, or its consumer died: attempt counts ──────────┘ │  │
 *                                                       resolved ──► acknowledged (gone) ◄───┘  │
 *   dead letters ◄── rejected with Drop, or on its last attempt ────────────────────────────────┘
 *   dead letters ◄── waiting, and cannot be parsed; or taken as often as it may be, and nobody told how it ended
 */

/** One message, lent to one handler for as long as the lease lasts. */
export interface Delivery<T> {
  /** The same whenever the message is delivered again, also by another process, and no other message's: for an idempotency key. */
  readonly id: string;
  /** What kind of message it is, where the source's messages have names (BullMQ's job name); else the queue's name. */
  readonly name: string;
  readonly data: T;
  /** 1 when it is delivered for the first time. Every delivery counts whose handler began, also of a consumer that died. */
  readonly attempt: number;
  /**
   * Aborts when the delivery is no longer this consumer's: with LeaseLostError when the lease is lost, with CancelledError when
   * the intake was closed under it. How the handler ends is of no interest to the source from then on.
   */
  readonly signal: AbortSignal;
  /**
   * Call `fn` when the signal aborts, at once when it has: for `consume`, which is the only one to call it and has one function for
   * each delivery. A source need not have it; an AbortSignal and its listener cost more than a short job.
   */
  onAbort?(fn: (reason: Error) => void): void;
  /**
   * Renew the lease now. A source renews by itself as long as the handler has not settled; this is for who wants to be sure
   * before a step that cannot be undone. Rejects with LeaseLostError when the message is no longer this consumer's (the signal
   * has aborted then, too), and with the source's error when it cannot be reached.
   */
  extend(): Promise<void>;
}

/** A delivery as a job of `consume` gets it: its signal aborts with every cancel of the job. */
export interface ConsumeDelivery<T, D extends Delivery<T> = Delivery<T>> extends Delivery<T> {
  /** The source's own, with what it has beside: BullMQ's has the `job`, for its progress and its log. */
  readonly own: D;
}

/**
 * What a source calls for each message. Resolves: the message is acknowledged, and gone (a source that keeps results keeps
 * the value). Rejects with `Drop`: to the dead letters at once. Rejects with anything else, or throws: another attempt after the
 * back-off, or after the last one the dead letters. Never settles: it has its slot until the intake is closed.
 */
export type Handler<D> = (delivery: D) => PromiseLike<unknown>;

/** Why a message lies with the dead letters. */
export type DeadReason =
  /** The handler rejected with `Drop`, which is the error. */
  | 'dropped'
  /** The last attempt failed; the error is what the handler rejected with. */
  | 'attempts'
  /** It cannot be parsed; the error is a MalformedMessageError. */
  | 'malformed'
  /** Its consumers died, or lost it, as often as it may be tried; the error is a PoisonMessageError. */
  | 'poison';

/** A message that was given up. It stays with the source's dead letters until somebody takes it from there. */
export interface DeadLetter<T> {
  readonly id: string;
  readonly name: string;
  /** Undefined when it cannot be parsed. */
  readonly data: T | undefined;
  /** As it lay in the queue, where the source stores something other than the data itself (a string, most often). */
  readonly raw?: unknown;
  /** The attempts that were made: 0 for a malformed one. */
  readonly attempt: number;
  readonly reason: DeadReason;
  readonly error: unknown;
}

/** How an intake is told to work. All of it is given by `consume`; a source checks only what its own limits are. */
export interface IntakeOptions<T> {
  /**
   * Most deliveries at a time, a whole number of at least 1. A source takes a message out of its store only when it can hand it
   * to a handler at once: at no time are more messages taken and unsettled than this. A handler that has lost its message
   * counts until it has settled.
   */
  readonly concurrency: number;
  /** Deliveries that a message gets before it is given up. Undefined: what the source, or the message itself, says. */
  readonly attempts?: number | undefined;
  /**
   * Milliseconds until the message is delivered again, after attempt number `attempt` failed with `error`. Never throws.
   * Undefined: what the source, or the message itself, says.
   */
  readonly backoff?: ((attempt: number, error: unknown) => number) | undefined;
  /**
   * The source has trouble of its own (its server is gone, an answer makes no sense), once per trouble and not per try. It
   * goes on by itself. Never throws.
   */
  readonly onError: (error: Error) => void;
  /** The message has been put to the dead letters: told by the intake that did so, once, after the fact. Never throws. */
  readonly onDead: (letter: DeadLetter<T>) => void;
}

/** Can the source be reached? */
export interface SourceHealth {
  /** `'starting'`: it was not reached yet; `'up'`; `'down'`: it was, and tries to be again. */
  readonly state: 'starting' | 'up' | 'down';
  /** The last trouble, while it is not up. */
  readonly error?: Error | undefined;
}

/*
 *   taking ◄── resume ── pause ──► paused
 *     │ drain                       │ drain
 *     └──────────► draining ◄───────┘          close, or an error that no retry mends, from each of them ──► closed
 */

/** A handler at work on a source, until it is closed. */
export interface Intake {
  /** Settles when it is closed: rejects with the error that ended it where nobody has closed it. Need not be handled. */
  readonly ended: Promise<void>;
  /**
   * Take no more messages. When it resolves none is delivered any more until `resume()`: what was on its way has been delivered
   * or given back. Deliveries under way go on.
   */
  pause(): Promise<void>;
  /** Take messages again. Changes nothing while it drains, or when it is closed. */
  resume(): void;
  /**
   * Take no more messages, for good; resolves when every handler has settled and the source has stored how. Sets no deadline:
   * who has one calls `close()`, which ends it, too.
   */
  drain(): Promise<void>;
  /**
   * End it: what is unsettled is given back, uncounted and at once where the source can, and its signal aborts. Connections,
   * timers and threads of the intake are gone when it resolves; it never rejects, and takes no longer than a few seconds also when
   * the source cannot be reached. May be called again.
   */
  close(): Promise<void>;
  health(): SourceHealth;
}

/**
 * A queue that can be consumed. Every source promises, and `offloop/testing` has the tests (`sourceConformance`):
 *
 * - at least once: a message is gone only when a handler resolved, or it was put to the dead letters; never because a process died
 * - never more than `concurrency` messages taken and unsettled, and each message with one live handler, as long as leases last
 * - a lost lease aborts the delivery's signal, and its outcome changes nothing
 * - the bad message is given up after its attempts, and never stops the others
 * - trouble is told and survived: `consume` neither throws nor ends because a server cannot be reached, also at the start
 *
 * A source may have several intakes, in this process and in others; they share its messages. `consume` throws only
 * InvalidArgumentError and InvalidStateError, and calls the handler in a later turn. An intake holds the process until it is closed.
 */
export interface Source<T, D extends Delivery<T> = Delivery<T>> {
  /** For errors, health and people: what it is and which queue, as `redisList 'queue'`. */
  readonly name: string;
  consume(handler: Handler<D>, options: IntakeOptions<T>): Intake;
}
