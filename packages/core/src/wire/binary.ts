import { types } from 'node:util';

import type { Memory } from './memory.ts';
import type { MetObjects } from './met-objects.ts';
import { Kind, kindBits, refused, tooLong } from './value-format.ts';

/** Above this many bytes structured clone is as fast. */
const maxBytes = 65_536;

interface BinaryClass {
  readonly name: string;
  readonly make: (buffer: ArrayBuffer) => object;
}

const BytesOf = Uint8Array;
/** By the index on the wire. Captured when this loads. */
const classes: readonly BinaryClass[] = [
  { name: 'ArrayBuffer', make: (buffer) => buffer },
  ...[
    Uint8Array,
    Int8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ].map((View) => ({ name: View.name, make: (buffer: ArrayBuffer): object => new View(buffer) })),
];

// Objects may carry own properties with these names, and subclasses their own getters.
const viewPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const viewName = getter(viewPrototype, Symbol.toStringTag) as (this: object) => string | undefined;
const viewBuffer = getter(viewPrototype, 'buffer') as (this: object) => ArrayBuffer;
const viewLength = getter(viewPrototype, 'byteLength') as (this: object) => number;
const bufferLength = getter(ArrayBuffer.prototype, 'byteLength') as (this: object) => number;
const bufferResizable = getter(ArrayBuffer.prototype, 'resizable') as (this: object) => boolean;
/* oxlint-disable-next-line typescript/unbound-method -- called with the array as `this` */
const { set: copyInto } = Uint8Array.prototype;

function getter(prototype: object, key: PropertyKey): unknown {
  return Reflect.get(Object.getOwnPropertyDescriptor(prototype, key) ?? {}, 'get');
}

/**
 * Write a typed array that is a view on the whole of its buffer, or a buffer. An empty one is refused: it cannot be told
 * from one that was detached. `met` gets the buffer, which several views may share.
 */
export function writeBinary(memory: Memory, value: object, at: number, end: number, met: MetObjects): number {
  const name = viewName.call(value);
  let buffer = value;
  if (name !== undefined) {
    buffer = viewBuffer.call(value);
    met.add(buffer);
  }
  if (!types.isArrayBuffer(buffer)) return refused;
  const kind = name === undefined ? 0 : classes.findIndex((each) => each.name === name);
  const length = bufferLength.call(buffer);
  if (kind < 0 || length === 0 || length > maxBytes || bufferResizable.call(buffer)) return refused;
  if (name !== undefined && viewLength.call(value) !== length) return refused;
  const next = at + 2 + ((length + 3) >> 2);
  if (next > end) return tooLong;
  memory.words[at] = (length << kindBits) | Kind.bytes;
  memory.words[at + 1] = kind;
  copyInto.call(memory.bytes, new BytesOf(buffer), (at + 2) * 4);
  return next;
}

/** The bytes behind the two words at `at`. */
export function readBinary(memory: Memory, at: number, length: number): object {
  const { bytes } = memory;
  const found = classes[memory.words[at + 1] as number];
  if (found === undefined) throw new TypeError('not a value: unknown class of binary data');
  const copy = new BytesOf(length);
  // Not subarray, which would make a Buffer of it, and this takes longer than the copy.
  copyInto.call(copy, new BytesOf(bytes.buffer, bytes.byteOffset + (at + 2) * 4, length));
  return found.name === 'Uint8Array' ? copy : found.make(copy.buffer);
}
