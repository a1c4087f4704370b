import { readBinary } from './binary.ts';
import { Memory } from './memory.ts';
import { packedArray } from './packed.ts';
import { KnownShape } from './shape-builder.ts';
import { readText, textEnd } from './text.ts';
import { Kind, kindBits, kindMask } from './value-format.ts';

/**
 * Short strings are cut from pieces of this many characters. A string of 13 characters or more keeps its piece alive as
 * long as it lives itself: this is the most that one small string that is kept can cost.
 */
const pieceLength = 512;

const nothing = new Memory(new ArrayBuffer(0));

/** Reads what a ValueWriter has written: each record once, in the order written. */
export class ValueReader {
  /** The word behind the value that was read. */
  next = 0;
  #memory: Memory = nothing;
  #words: Int32Array = nothing.words;
  readonly #shapes: KnownShape[] = [new KnownShape([])];
  /** The lists of keys of this value, its new shapes among them. */
  #lists: readonly KnownShape[] = [];
  /** Where the string of all short strings is, and how much of it was cut off in pieces before this one. */
  #texts = 0;
  #before = 0;
  #length = 0;
  #piece = '';
  #used = 0;

  /** Read the value at word `at`; `next` is then the word behind it. */
  read(memory: Memory, at: number): unknown {
    this.#memory = memory;
    this.#words = memory.words;
    const word = memory.words[at] as number;
    this.next = at;
    if ((word & kindMask) !== Kind.whole) return this.item();
    const tail = word >>> kindBits;
    this.next = at + 1;
    if (tail === 0) return this.item();
    const end = this.#tail(at + tail);
    const value = this.item();
    this.next = end;
    this.#piece = '';
    return value;
  }

  /** The part of a value that comes next. For builders of shapes. */
  item(): unknown {
    const words = this.#words;
    const at = this.next++;
    const word = words[at] as number;
    if ((word & 1) === 1) return word >> 1;
    const payload = word >>> kindBits;
    switch (word & kindMask) {
      case Kind.object:
        return (this.#shapes[payload] ?? unknown()).build(this);
      case Kind.text:
        return this.#text(payload);
      case Kind.number:
        this.next = ((at + 2) >> 1) * 2 + 2;
        return this.#memory.doubles[(at + 2) >> 1];
      case Kind.array:
        return this.#array(payload);
      case Kind.undefined:
        return undefined;
      case Kind.null:
        return null;
      case Kind.true:
        return true;
      case Kind.false:
        return false;
      case Kind.once:
        return (this.#lists[payload] ?? unknown()).build(this);
      case Kind.latin1:
      case Kind.utf16:
        this.next = textEnd(words, at);
        if (this.next > words.length) unknown();
        return readText(this.#memory, at, 0, payload);
      case Kind.bytes:
        this.next = at + 2 + ((payload + 3) >> 2);
        if (this.next > words.length) unknown();
        return readBinary(this.#memory, at, payload);
      case Kind.bigint:
        this.next = ((at + 2) >> 1) * 2 + 2;
        return this.#memory.longs[(at + 2) >> 1];
      default:
        return unknown();
    }
  }

  #array(length: number): unknown[] {
    const words = this.#words;
    const { doubles } = this.#memory;
    if (length === 0) return [];
    if (length > words.length) unknown();
    const result = packedArray(length);
    for (let index = 0; index < length; index++) {
      const word = words[this.next] as number;
      if ((word & 1) === 1) {
        this.next++;
        result[index] = word >> 1;
      } else if (word === Kind.number) {
        const place = (this.next + 2) >> 1;
        this.next = place * 2 + 2;
        result[index] = doubles[place];
      } else result[index] = this.item();
    }
    return result;
  }

  #text(length: number): string {
    if (this.#used + length > this.#piece.length) {
      this.#before += this.#used;
      this.#used = 0;
      this.#piece = readText(
        this.#memory,
        this.#texts,
        this.#before,
        Math.min(pieceLength, this.#length - this.#before),
      );
    }
    const from = this.#used;
    this.#used += length;
    return this.#piece.substring(from, this.#used);
  }

  /** Take in the definitions, and leave the strings ready to be cut. Returns the word behind it all. */
  #tail(at: number): number {
    const words = this.#words;
    const count = words[at++] as number;
    if (count > 0) at = this.#define(at, count);
    const end = textEnd(words, at);
    if (end > words.length) unknown();
    this.#texts = at;
    this.#length = (words[at] as number) >>> kindBits;
    this.#before = 0;
    this.#used = 0;
    this.#piece = '';
    return end;
  }

  #define(at: number, count: number): number {
    const words = this.#words;
    const text = textOf(this.#memory, skipLists(words, at, count));
    const lists = packedArray(count) as KnownShape[];
    let from = 0;
    for (let index = 0; index < count; index++) {
      const head = words[at++] as number;
      const keys = packedArray(head >>> 1) as string[];
      for (let key = 0; key < keys.length; key++) {
        const length = words[at++] as number;
        keys[key] = text.substring(from, (from += length));
      }
      const shape = new KnownShape(keys);
      lists[index] = shape;
      if ((head & 1) === 1) this.#shapes.push(shape);
    }
    this.#lists = lists;
    return textEnd(words, at);
  }
}

function skipLists(words: Int32Array, at: number, count: number): number {
  for (let left = count; left > 0; left--) {
    if (at >= words.length) unknown();
    at += 1 + ((words[at] as number) >>> 1);
  }
  return at;
}

function textOf(memory: Memory, at: number): string {
  if (textEnd(memory.words, at) > memory.words.length) unknown();
  return readText(memory, at, 0, (memory.words[at] as number) >>> kindBits);
}

function unknown(): never {
  throw new TypeError('not a value: unknown kind');
}
