import type { Memory } from '../wire/memory.ts';

/*
 * Frames travel as records of 32-bit words, [its length in words, …], each at an even word. Both lanes write and read the same
 * ones (`RecordLane`, `RecordInbox`) and differ in what these lie in:
 *
 *   ring lane   a ring in shared memory: `RingWriter`, `RingReader`
 *   port lane   batches, each a message on the port: `BatchWriter`, `BatchReader`
 */

/** In the second word of a record, above the op: which optional fields a call has, and how many arguments. */
export const Flag = { name: 1024, due: 2048, carried: 4096 } as const;
export const kindShift = 8;
export const argsShift = 16;

/** The longest record; longer ones go by the port as messages of their own. */
export const maxRecordWords: number = 2 ** 15;

/** A record is begun only where there is so much room: most fit, and need not be written twice. */
export const minRoom: number = 1024;

/** Where a record can be written: `memory` from word `at` up to word `end`. */
export interface RecordSpace {
  readonly memory: Memory;
  readonly at: number;
  readonly end: number;
  /** The record that begins at `at` is whole and ends before `next`. */
  commit(next: number): void;
}

/** The end that writes. */
export interface RecordSink extends RecordSpace {
  /** So many records may wait unseen while this side goes on writing. */
  readonly maxUnseen: number;
  /** The same at the beginning of a turn; it doubles each time. */
  readonly minUnseen: number;
  /** Prepare `at` and `end` for a record of at least so many words; false when there is no room for it now. */
  open(words?: number): boolean;
  /** Let the reader see what was committed; true when it has to be woken with a bell. */
  publish(): boolean;
  /** Ask for a bell when there is room again; call `open` once more after it. */
  wantRoom(): void;
}

/** The end that reads. */
export interface RecordSource {
  readonly memory: Memory;
  /** The word at which the next record begins; -1 when there is none. */
  next(): number;
  /** The record at `at` has been read. */
  skip(at: number): void;
  /** Give what was read back to the writer; true when it waits for room and has to be told with a bell. */
  release(): boolean;
}
