import { Memory } from '../wire/memory.ts';
import { maxRecordWords, minRoom, type RecordSink, type RecordSource } from './records.ts';

/*
 * One direction of the ring lane: a ring of records in shared memory, with one thread that writes and one that reads.
 *
 *   0        head                 tail                          capacity
 *   ├─ free ──┼── to be read ──────┼─ free ───────────────────────┤
 *
 * A record is contiguous: [its length in words, …]. One that does not fit before the end leaves a `wrap` marker, and begins
 * at 0. `tail` is stored by the writer after the record is whole, `head` by the reader after it has read: whoever dies in
 * the middle of a record has written nothing. Control words that different threads write lie on cache lines of their own.
 *
 * Neither side waits. Each has a word by which it asks for a bell (an empty message on the port) and looks once more after:
 *
 *   reader   awake ── nothing to read: parks, looks again ──► parked ── the writer has published, takes the word back ──► bell
 *   writer   ring full: wants room, looks again ──► wanting ── the reader has made room, takes the word back ──► bell
 */
const Control = { tail: 0, head: 32, parked: 64, wanted: 96 } as const;
const controlWords = 128;

/**
 * Words of a ring: more than twice the longest record, or an empty ring could refuse one because of where it stands.
 * Memory is touched only as far as it is used; see `compactWords`.
 */
export const ringWords: number = 2 ** 18;
/** An empty ring starts again at 0 from here on: who has little under way stays within the cache, and touches little memory. */
const compactWords = 2 ** 14;
const wrap = -1;
/** So few, since a reader may be looking; and more, since each look at the tail costs it a cache miss. */
const [minUnseen, maxUnseen] = [4, 16];

/** Of a ring that its thread has given up: whoever still asks finds nothing, and has no room. */
const noControl = new Int32Array(controlWords);

export function makeRing(words: number = ringWords): SharedArrayBuffer {
  return new SharedArrayBuffer((controlWords + words) * 4);
}

/** The words, doubles and bytes of one block of memory. */
function dataOf(ring: SharedArrayBuffer): Memory {
  return new Memory(ring, controlWords * 4, ring.byteLength - controlWords * 4);
}

/** Take back a word by which a side has asked for a bell; true for the one of both who does. */
function takeBack(control: Int32Array, word: number): boolean {
  return Atomics.load(control, word) === 1 && Atomics.compareExchange(control, word, 1, 0) === 1;
}

/** The end of a ring that writes. */
export class RingWriter implements RecordSink {
  readonly maxUnseen: number = maxUnseen;
  readonly minUnseen: number = minUnseen;
  readonly memory: Memory;
  #control: Int32Array;
  readonly #words: Int32Array;
  #last: number;
  #at = 0;
  #end = 0;
  #published = 0;
  /** Where the reader was when it was last looked at. */
  #head = 0;
  #compactAt = compactWords;

  constructor(ring: SharedArrayBuffer) {
    this.memory = dataOf(ring);
    this.#words = this.memory.words;
    this.#last = this.#words.length - 2;
    this.#control = new Int32Array(ring, 0, controlWords);
  }

  get at(): number {
    return this.#at;
  }

  get end(): number {
    return this.#end;
  }

  open(words: number = minRoom): boolean {
    if (this.#at >= this.#compactAt) this.#compact();
    if (this.#fits(words)) return true;
    this.#head = Atomics.load(this.#control, Control.head);
    return this.#fits(words);
  }

  commit(next: number): void {
    this.#words[this.#at] = next - this.#at;
    this.#at = next;
  }

  /** True when the reader is parked. */
  publish(): boolean {
    if (this.#at === this.#published) return false;
    this.#published = this.#at;
    Atomics.store(this.#control, Control.tail, this.#at);
    return takeBack(this.#control, Control.parked);
  }

  wantRoom(): void {
    Atomics.store(this.#control, Control.wanted, 1);
  }

  /** From now on the ring is not touched from here. */
  giveUp(): void {
    this.#control = noControl;
    this.#at = this.#head = this.#published = this.#last = 0;
  }

  #fits(words: number): boolean {
    if (this.#at >= this.#head) {
      this.#end = Math.min(this.#last, this.#at + maxRecordWords);
      if (this.#end - this.#at >= words) return true;
      if (this.#head - 2 < words) return false;
      this.#wrap();
    }
    this.#end = Math.min(this.#head - 2, this.#at + maxRecordWords);
    return this.#end - this.#at >= words;
  }

  #wrap(): void {
    this.#words[this.#at] = wrap;
    this.#at = 0;
    this.#compactAt = compactWords;
  }

  #compact(): void {
    this.#head = Atomics.load(this.#control, Control.head);
    if (this.#head === this.#at) this.#wrap();
    else this.#compactAt = this.#at + compactWords;
  }
}

/** The end of a ring that reads. */
export class RingReader implements RecordSource {
  readonly memory: Memory;
  #control: Int32Array;
  readonly #words: Int32Array;
  #head = 0;
  /** Where the writer was when it was last looked at. */
  #tail = 0;
  #told = 0;

  constructor(ring: SharedArrayBuffer) {
    this.memory = dataOf(ring);
    this.#words = this.memory.words;
    this.#control = new Int32Array(ring, 0, controlWords);
  }

  next(): number {
    if (this.#head === this.#tail) {
      this.#tail = Atomics.load(this.#control, Control.tail);
      if (this.#head === this.#tail) return -1;
    }
    if (this.#words[this.#head] !== wrap) return this.#head;
    this.#head = 0;
    return this.next();
  }

  skip(at: number): void {
    this.#head = at + (this.#words[at] as number);
  }

  /** Is there a record that was not read? */
  get hasMore(): boolean {
    return this.#head !== this.#tail || Atomics.load(this.#control, Control.tail) !== this.#head;
  }

  release(): boolean {
    if (this.#told === this.#head) return false;
    this.#told = this.#head;
    Atomics.store(this.#control, Control.head, this.#head);
    return takeBack(this.#control, Control.wanted);
  }

  /** Ask for a bell with the next record. False when there is one already: stay awake and read it. */
  park(): boolean {
    Atomics.store(this.#control, Control.parked, 1);
    return !(this.hasMore && takeBack(this.#control, Control.parked));
  }

  /** No bell is needed any more. */
  unpark(): void {
    Atomics.store(this.#control, Control.parked, 0);
  }

  /** From now on the ring is not touched from here. */
  giveUp(): void {
    this.#control = noControl;
    this.#head = this.#tail = this.#told = 0;
  }
}
