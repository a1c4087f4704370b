import { RingBuffer } from '../base/ring-buffer.ts';
import { Memory } from '../wire/memory.ts';
import { maxRecordWords, type RecordSink, type RecordSource } from './records.ts';
import type { Transport } from './transport.ts';

/*
 * One direction of the port lane: records in memory of this thread's own, which leave in batches.
 *
 *   0        start               at
 *   ├─ sent ──┼── to be sent ─────┼─ the record that is being written ──┤
 *
 * A batch is a string, one character for each byte: the records, and a word with a mark and their number. No other kind of
 * message is so cheap: a string lies in the heap of its thread, where a buffer is an allocation of its own on both sides.
 */

/** A batch leaves when it has this many records, so that the other side can start while this one still fills the next … */
const maxRecords = 256;
/** … or this many words. */
const maxWords = 2 ** 13;
const batchWords = maxWords + maxRecordWords + 2;
const mark = 0x6f66;

/** The end of a batch lane that writes. */
export class BatchWriter implements RecordSink {
  readonly maxUnseen: number = maxRecords;
  readonly minUnseen: number = maxRecords;
  readonly memory: Memory = new Memory(new ArrayBuffer(batchWords * 4));
  readonly #transport: Transport;
  readonly #words: Int32Array = this.memory.words;
  #start = 0;
  #at = 0;
  #count = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get at(): number {
    return this.#at;
  }

  get end(): number {
    return this.#at + maxRecordWords;
  }

  /** Prepare `at` and `end` for a record of any length: what waits leaves first where that is needed. */
  open(): boolean {
    if (this.#at >= maxWords) this.publish();
    if (this.#start === this.#at) {
      this.#start = 0;
      this.#at = 0;
    }
    return true;
  }

  commit(next: number): void {
    this.#words[this.#at] = next - this.#at;
    this.#at = next;
    this.#count++;
  }

  /** Send what was committed. It may be called while a record is being written: the first word of that one is still free. */
  publish(): boolean {
    if (this.#count === 0) return false;
    this.#words[this.#at] = (mark << 16) | this.#count;
    const batch = this.memory.bytes.latin1Slice(this.#start * 4, this.#at * 4 + 4);
    this.#start = this.#at;
    this.#count = 0;
    this.#transport.post(batch);
    return false;
  }

  /** There always is. */
  wantRoom(): void {}
}

/** How many records a message carries, if it is a batch. */
export function recordsIn(batch: string): number {
  const at = batch.length - 4;
  return batch.charCodeAt(at) | (batch.charCodeAt(at + 1) << 8);
}

/** The end of a batch lane that reads. What is no batch is ignored, and counted. */
export class BatchReader implements RecordSource {
  readonly memory: Memory = new Memory(new ArrayBuffer(batchWords * 4));
  readonly #words: Int32Array = this.memory.words;
  readonly #waiting = new RingBuffer<string>();
  #head = 0;
  #tail = 0;
  #garbage = 0;

  get garbage(): number {
    return this.#garbage;
  }

  /** A batch has come. It waits until those before it are read. */
  add(batch: string): void {
    this.#waiting.push(batch);
  }

  next(): number {
    while (this.#head === this.#tail) {
      const batch = this.#waiting.shift();
      if (batch === undefined) return -1;
      this.#tail = this.#load(batch);
      this.#head = 0;
      if (this.#tail === 0) this.#garbage++;
    }
    return this.#head;
  }

  skip(at: number): void {
    this.#head = at + (this.#words[at] as number);
  }

  release(): boolean {
    return false;
  }

  /** Where the records end; 0 unless it is whole and as it was made, so that nobody reads on beyond it, or for ever. */
  #load(batch: string): number {
    const words = this.#words;
    const last = (batch.length >> 2) - 1;
    if ((batch.length & 3) !== 0 || last < 2 || last >= words.length) return 0;
    this.memory.bytes.latin1Write(batch, 0, batch.length);
    const count = (words[last] as number) ^ (mark << 16);
    let at = 0;
    let records = 0;
    for (; at < last; records++) {
      const length = words[at] as number;
      if (length < 2 || (length & 1) !== 0) return 0;
      at += length;
    }
    return at === last && records === count ? last : 0;
  }
}
