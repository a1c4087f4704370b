// What travels between a queue and its thread: types only, so that the thread loads nothing of the program's.

/** A message's data as it lies in the file. */
export type StoredData = string | Uint8Array;

/** A taken message is named by its row and by who has it: whoever took it later has another number. */
export type Held = readonly [seq: number, owner: number];

/** A step of the store. Those of one batch are one transaction. */
export type Op =
  | readonly ['put', ids: readonly string[], data: readonly StoredData[]]
  | readonly ['acknowledge', ...Held]
  | readonly ['retry', ...Held, delayMs: number]
  | readonly ['giveBack', ...Held]
  | readonly ['bury', ...Held, attempt: number, reason: string, error: string]
  | readonly ['extend', ...Held]
  | readonly ['requeue', ids: readonly string[] | undefined];

export interface Failure {
  readonly message: string;
  /** SQLite's own number, where the error is SQLite's. */
  readonly errcode?: number | undefined;
  /** No retry mends it. */
  readonly isFatal: boolean;
}

/** False: the message is no longer its owner's, or (put) the file holds as many messages as it may. A number: so many. */
export type Answer = boolean | number | Failure;

/**
 * For a consumer in the thread: messages that it may be given in all, from its beginning, and how many more as soon as the steps of
 * the same batch are done, since they free slots.
 */
export type Allowance = readonly [taker: number, allowance: number, bonus: number];

export interface Committed {
  readonly answers: readonly Answer[];
  /** The steps were done in one transaction, and the slots that they free count. */
  readonly isWhole: boolean;
  readonly messages: readonly (readonly [taker: number, readonly Row[]])[];
  /** Messages that each consumer with an allowance has been given in all, on whatever way. */
  readonly given: readonly number[];
}

/** A taken message. */
export type Row = readonly [seq: number, owner: number, id: string, attempt: number, data: StoredData];

/** What the thread tells a consumer. */
export type News =
  | readonly ['messages', readonly Row[]]
  | readonly ['lost', readonly Held[], why: string]
  | readonly ['up']
  | readonly ['down', Failure];

/** What a queue tells its thread. */
export interface ThreadSettings {
  readonly path: string;
  /** A commit waits for the disk. */
  readonly waitsForDisk: boolean;
  /** Milliseconds to wait while another process writes. */
  readonly busyMs: number;
  readonly limit: number;
  readonly deadLimit: number;
  readonly leaseMs: number;
  readonly pollMs: number;
}

export interface DeadRow {
  readonly id: string;
  readonly data: StoredData;
  readonly attempt: number;
  readonly reason: string;
  readonly error: string;
}

export interface Counts {
  /** Messages that can be taken right now. */
  readonly waiting: number;
  /** Messages that wait for their next attempt. */
  readonly delayed: number;
  /** Messages that consumers have, in all processes. */
  readonly held: number;
  /** Dead letters. */
  readonly dead: number;
}
