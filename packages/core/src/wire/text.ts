import type { Memory } from './memory.ts';
import { Kind, kindBits, kindMask, tooLong } from './value-format.ts';

/** Strings up to this length are packed by hand, four characters in a word; above, a native call is faster. */
const byHand = 16;

/** At once false where a string has one byte for each character: for these the expression cannot match anything. */
const wide = /[^\0-\xff]/;

const { fromCharCode } = String;

/** Write a string where it stands. Returns the next free word, or `tooLong`. */
export function writeText(memory: Memory, text: string, at: number, end: number): number {
  const { length } = text;
  const next = at + 1 + ((length + 3) >> 2);
  if (next > end) return tooLong;
  if (length > byHand) {
    if (wide.test(text)) return writeWide(memory, text, at, end);
    memory.words[at] = (length << kindBits) | Kind.latin1;
    memory.bytes.latin1Write(text, (at + 1) * 4, length);
    return next;
  }
  const { words } = memory;
  let bits = 0;
  let word = 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    bits |= code;
    word |= code << ((index & 3) << 3);
    if ((index & 3) === 3) {
      words[at + 1 + (index >> 2)] = word;
      word = 0;
    }
  }
  if (bits > 255) return writeWide(memory, text, at, end);
  if ((length & 3) !== 0) words[next - 1] = word;
  words[at] = (length << kindBits) | Kind.latin1;
  return next;
}

function writeWide(memory: Memory, text: string, at: number, end: number): number {
  const { length } = text;
  const next = at + 1 + ((length + 1) >> 1);
  if (next > end) return tooLong;
  memory.words[at] = (length << kindBits) | Kind.utf16;
  memory.bytes.ucs2Write(text, (at + 1) * 4, length * 2);
  return next;
}

/** The word behind a string that begins at word `at`. */
export function textEnd(words: Int32Array, at: number): number {
  const head = words[at] as number;
  const length = head >>> kindBits;
  return at + 1 + ((head & kindMask) === Kind.latin1 ? (length + 3) >> 2 : (length + 1) >> 1);
}

/** Read `length` characters of the string that begins at word `at`, from its character `from` on. */
export function readText(memory: Memory, at: number, from: number, length: number): string {
  const head = memory.words[at] as number;
  const byte = (at + 1) * 4;
  if ((head & kindMask) === Kind.utf16) return memory.bytes.ucs2Slice(byte + from * 2, byte + (from + length) * 2);
  if (length > byHand || from > 0) return memory.bytes.latin1Slice(byte + from, byte + from + length);
  return readShort(memory.words, at + 1, length);
}

/* oxlint-disable-next-line eslint/complexity -- no loop: one call makes the whole string */
function readShort(words: Int32Array, at: number, length: number): string {
  if (length === 0) return '';
  const a = words[at] as number;
  if (length <= 4) {
    const four = fromCharCode(a & 255, (a >> 8) & 255, (a >> 16) & 255, a >>> 24);
    return length === 4 ? four : four.substring(0, length);
  }
  const b = words[at + 1] as number;
  if (length <= 8) {
    return fromCharCode(
      a & 255,
      (a >> 8) & 255,
      (a >> 16) & 255,
      a >>> 24,
      b & 255,
      (b >> 8) & 255,
      (b >> 16) & 255,
      b >>> 24,
    ).substring(0, length);
  }
  const c = words[at + 2] as number;
  const d = length > 12 ? (words[at + 3] as number) : 0;
  return fromCharCode(
    a & 255,
    (a >> 8) & 255,
    (a >> 16) & 255,
    a >>> 24,
    b & 255,
    (b >> 8) & 255,
    (b >> 16) & 255,
    b >>> 24,
    c & 255,
    (c >> 8) & 255,
    (c >> 16) & 255,
    c >>> 24,
    d & 255,
    (d >> 8) & 255,
    (d >> 16) & 255,
    d >>> 24,
  ).substring(0, length);
}
