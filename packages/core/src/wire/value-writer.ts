import { types } from 'node:util';

import { writeBinary } from './binary.ts';
import type { Memory } from './memory.ts';
import { MetObjects } from './met-objects.ts';
import { isDisguised, isPlainArray, isPlainObject, prototypesAreClean } from './plain.ts';
import { Shapes } from './shapes.ts';
import type { ShapeNode } from './shapes.ts';
import { writeText } from './text.ts';
import { Kind, kindBits, refused, tooLong } from './value-format.ts';

export { refused, tooLong } from './value-format.ts';

/** Nested deeper than this, a value is left to structured clone, which knows cycles. */
const maxDepth = 64;
/** Longer strings are written where they stand; shorter ones together, behind the value. */
const maxShared = 255;
const maxInt64 = 2n ** 63n - 1n;

const { hasOwn, keys: keysOf, values: valuesOf } = Object;

/**
 * Writes values into 32-bit words. One writer for each direction of a link: it remembers the shapes that its reader knows.
 * What it writes arrives as structured clone would give it, else it refuses.
 *
 * Getters run as under structured clone, at the same time and in the same order, but: those that ran before a refusal run
 * again when structured clone takes over, and one at the index of an array runs twice. A getter that hides a later key of
 * its own object (makes it non-enumerable) hides it from the reader, while structured clone has made its list of keys before.
 * None can damage the record. One that comes back to this writer must be stopped by its owner: see `writing`.
 */
export class ValueWriter {
  /** A value is being written: user code that runs now (a getter) must not begin another record. */
  writing = false;
  readonly #shapes = new Shapes();
  #memory: Memory | undefined;
  #words: Int32Array = new Int32Array(0);
  #end = 0;
  readonly #met = new MetObjects();
  /** What goes into the tail of the value: new shapes and other lists of keys, and short strings. */
  #texts = '';
  readonly #lists: (ShapeNode | readonly string[])[] = [];

  /**
   * Begin a record: identities seen are forgotten, shapes defined from here on can be rolled back. The objects of the record
   * before are held until then.
   */
  begin(): void {
    this.#shapes.begin();
    this.#met.forget();
  }

  /** The record is abandoned: shapes that it defined are unknown again. Call after a refusal, tooLong or a throw. */
  rollback(): void {
    this.#shapes.rollback();
    this.#forget();
    this.writing = false;
  }

  /**
   * Write one value at word `at`, not beyond word `end` (exclusive). Returns the next free word, or `refused` (the value must
   * travel by structured clone), or `tooLong` (it would be accepted as far as was seen, but does not fit before `end`).
   * Whatever a getter throws is thrown on.
   */
  write(memory: Memory, value: unknown, at: number, end: number): number {
    const { words } = memory;
    if (typeof value === 'number' && isSmall(value)) {
      if (at >= end) return tooLong;
      words[at] = (value << 1) | 1;
      return at + 1;
    }
    this.#memory = memory;
    this.#words = words;
    this.#end = end;
    if (typeof value === 'number') return this.#number(value, at);
    if (typeof value === 'string') return writeText(memory, value, at, end);
    if (typeof value !== 'object' || value === null) return this.#primitive(value, at);
    return this.#whole(value, at);
  }

  #whole(value: object, at: number): number {
    if (at >= this.#end) return tooLong;
    if (!prototypesAreClean()) return refused;
    this.writing = true;
    let next = this.#object(value, at + 1, 0);
    this.writing = false;
    if (next === refused || !this.#met.areDistinct()) next = refused;
    if (next >= 0 && (this.#lists.length > 0 || this.#texts !== '')) {
      this.#words[at] = ((next - at) << kindBits) | Kind.whole;
      next = this.#tail(next);
    } else this.#words[at] = Kind.whole;
    if (this.#texts !== '') this.#texts = '';
    if (this.#lists.length > 0) this.#lists.length = 0;
    return next;
  }

  #value(value: unknown, at: number, depth: number): number {
    if (typeof value === 'string' && value.length <= maxShared) {
      if (at >= this.#end) return tooLong;
      this.#words[at] = (value.length << kindBits) | Kind.text;
      this.#texts += value;
      return at + 1;
    }
    if (typeof value === 'number') return this.#number(value, at);
    if (typeof value === 'object' && value !== null) return this.#object(value, at, depth);
    if (typeof value === 'string') return writeText(this.#memory as Memory, value, at, this.#end);
    return this.#primitive(value, at);
  }

  /** A number that is not a small integer. */
  #number(value: number, at: number): number {
    const place = (at + 2) >> 1;
    const next = place * 2 + 2;
    if (next > this.#end) return tooLong;
    this.#words[at] = Kind.number;
    (this.#memory as Memory).doubles[place] = value;
    return next;
  }

  #primitive(value: unknown, at: number): number {
    const words = this.#words;
    if (at >= this.#end) return tooLong;
    switch (typeof value) {
      case 'boolean':
        words[at] = value ? Kind.true : Kind.false;
        return at + 1;
      case 'undefined':
        words[at] = Kind.undefined;
        return at + 1;
      case 'object':
        words[at] = Kind.null;
        return at + 1;
      case 'bigint': {
        if (value > maxInt64 || value < -maxInt64) return refused;
        const place = (at + 2) >> 1;
        if (place * 2 + 2 > this.#end) return tooLong;
        words[at] = Kind.bigint;
        (this.#memory as Memory).longs[place] = value;
        return place * 2 + 2;
      }
      default:
        return refused;
    }
  }

  #object(value: object, at: number, depth: number): number {
    if (depth >= maxDepth || types.isProxy(value)) return refused;
    this.#met.add(value);
    if (isPlainArray(value)) return this.#array(value, at, depth + 1);
    if (isPlainObject(value)) return this.#entries(value as Record<string, unknown>, at, depth + 1);
    return writeBinary(this.#memory as Memory, value, at, this.#end, this.#met);
  }

  #array(value: readonly unknown[], at: number, depth: number): number {
    const words = this.#words;
    const end = this.#end;
    const { length } = value;
    if (length >= end - at) return tooLong;
    words[at++] = (length << kindBits) | Kind.array;
    let nested = false;
    for (let index = 0; index < length; index++) {
      const item = value[index];
      if (typeof item === 'number' && isSmall(item)) {
        if (at >= end) return tooLong;
        words[at++] = (item << 1) | 1;
      } else {
        if (item === undefined && !hasOwn(value, index)) return refused;
        nested ||= typeof item === 'object';
        at = this.#value(item, at, depth);
        if (at < 0) return at;
      }
    }
    // More enumerable properties than elements: it has named ones. Far cheaper than Object.keys, which makes a string of
    // every index. An element that is not enumerable is missing here. A getter inside may have deleted an element that was
    // written and added a name: then the number is right and the last key is not.
    if (!nested) return valuesOf(value).length === length ? at : refused;
    const keys = keysOf(value);
    return keys.length === length && (length === 0 || keys[length - 1] === String(length - 1)) ? at : refused;
  }

  #entries(value: Record<string, unknown>, at: number, depth: number): number {
    const words = this.#words;
    const end = this.#end;
    const head = at++;
    if (head >= end) return tooLong;
    let node = this.#shapes.root;
    /** All keys, where the tree of shapes does not have them. */
    let keys: string[] | undefined;
    for (const key in value) {
      const child = node.lastKey === key ? node.lastChild : undefined;
      if (child !== undefined && keys === undefined) node = child;
      else if (key === '__proto__') return refused;
      else if (keys !== undefined) keys.push(key);
      else {
        const found = this.#shapes.step(node, key);
        if (found === undefined) keys = [...node.keys(), key];
        else node = found;
      }
      const item = value[key];
      if (typeof item === 'number' && isSmall(item)) {
        if (at >= end) return tooLong;
        words[at++] = (item << 1) | 1;
      } else {
        at = this.#value(item, at, depth);
        if (at < 0) return at;
      }
    }
    if (node.length === 0 && keys === undefined && isDisguised(value)) return refused;
    if (keys === undefined && node.id < 0) {
      if (this.#shapes.define(node)) this.#lists.push(node);
      else keys = node.keys();
    }
    if (keys === undefined) words[head] = (node.id << kindBits) | Kind.object;
    else words[head] = ((this.#lists.push(keys) - 1) << kindBits) | Kind.once;
    return at;
  }

  /** Definitions of shapes, and the strings: what the reader must have before it begins with the value. */
  #tail(at: number): number {
    const words = this.#words;
    const end = this.#end;
    const lists = this.#lists;
    if (at >= end) return tooLong;
    words[at++] = lists.length;
    if (lists.length > 0) {
      let text = '';
      for (const list of lists) {
        const isShape = 'id' in list;
        const keys = isShape ? list.keys() : list;
        if (at + keys.length >= end) return tooLong;
        words[at++] = (keys.length << 1) | (isShape ? 1 : 0);
        for (const key of keys) {
          words[at++] = key.length;
          text += key;
        }
      }
      at = writeText(this.#memory as Memory, text, at, end);
      if (at < 0) return at;
    }
    return writeText(this.#memory as Memory, this.#texts, at, end);
  }

  #forget(): void {
    this.#met.forget();
    this.#texts = '';
    this.#lists.length = 0;
  }
}

/** An integer of 31 bits that is not -0: one word, with its tag. */
function isSmall(value: number): boolean {
  return (value << 1) >> 1 === value && (value !== 0 || 1 / value > 0);
}
