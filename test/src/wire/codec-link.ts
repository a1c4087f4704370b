// A writer and a reader over one block of memory, as the two ends of a ring have them.
import { Memory } from 'offloop-internal/wire/memory.js';
import { ValueReader } from 'offloop-internal/wire/value-reader.js';
import { refused, tooLong, ValueWriter } from 'offloop-internal/wire/value-writer.js';
import { expect } from 'vitest';

const guard = 0x5a5a5a5b | 0;

export class CodecLink {
  readonly writer = new ValueWriter();
  readonly reader = new ValueReader();
  readonly memory: Memory;

  constructor(words = 1 << 16, buffer: ArrayBuffer | SharedArrayBuffer = new SharedArrayBuffer(words * 4 + 64)) {
    // Not at the beginning of its buffer, as an overflow chunk may be.
    this.memory = new Memory(buffer, 64, words * 4);
  }

  /** Write a record; undefined when it was refused or too long, or the reader's values, each in a list of its own. */
  send(values: readonly unknown[], at = 2, end = this.memory.words.length): readonly unknown[] | undefined {
    const next = this.write(values, at, end);
    return next < 0 ? undefined : this.read(values.length, at, next);
  }

  write(values: readonly unknown[], at = 2, end = this.memory.words.length): number {
    const { words } = this.memory;
    if (end < words.length) words.fill(guard, end);
    this.writer.begin();
    let next = at;
    let done = false;
    try {
      for (const value of values) {
        next = this.writer.write(this.memory, value, next, end);
        if (next < 0) break;
      }
      done = next >= 0;
    } finally {
      if (!done) this.writer.rollback();
      expect(words.subarray(end).every((word) => word === guard)).toBe(true);
    }
    if (next < 0) expect([refused, tooLong]).toContain(next);
    else expect(next).toBeLessThanOrEqual(end);
    return next;
  }

  read(count: number, at: number, end: number): unknown[] {
    const values: unknown[] = [];
    this.reader.next = at;
    for (let index = 0; index < count; index++) values.push(this.reader.read(this.memory, this.reader.next));
    expect(this.reader.next).toBe(end);
    return values;
  }
}
