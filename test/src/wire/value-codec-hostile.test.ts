import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import { refused } from 'offloop-internal/wire/value-writer.js';
import { expect, test } from 'vitest';

import { CodecLink } from './codec-link.ts';
import { difference } from './same.ts';

const values = (): unknown[] => [
  { polluted: 1, a: 2 },
  { fixed: 2, toString: 1 },
  [1, { fixed: 3, polluted: 4 }],
  [[], ['a', undefined]],
];

test('a polluted or frozen Object.prototype or Array.prototype changes nothing, on neither side', () => {
  let called = 0;
  const pollution: readonly (() => () => void)[] = [
    () => define(Object.prototype, 'polluted', { get: () => 'polluted', set: () => called++ }),
    () => define(Object.prototype, 'fixed', { value: 'fixed', writable: false }),
    () => define(Object.prototype, 'polluted', { value: 'polluted', writable: true, enumerable: true }),
    () => define(Object.prototype, '0', { set: () => called++ }),
    () => define(Object.prototype, '0', { value: 1, enumerable: true }),
    () => define(Array.prototype, '0', { set: () => called++ }),
    () => define(Array.prototype, 'named', { value: 1, enumerable: true }),
  ];
  for (const pollute of pollution) {
    for (const warm of [0, 30]) {
      const link = new CodecLink();
      for (let time = 0; time < warm; time++) for (const value of values()) link.send([value]);
      const wanted = values().map((value) => structuredClone(value));
      const holey = [, 1];
      const clonedHoley = structuredClone(holey);
      // Written before, read after: the reader must not be caught out either.
      link.write(values());
      const undo = pollute();
      const read = wanted.map((): unknown => undefined);
      // Nothing here may grow an array either.
      const given = [...values(), holey];
      const got = given.map((): readonly unknown[] | undefined => undefined);
      let count = 0;
      try {
        let next = 2;
        for (let index = 0; index < wanted.length; index++) {
          read[index] = link.reader.read(link.memory, next);
          ({ next } = link.reader);
        }
        for (const [index, value] of given.entries()) {
          link.writer.begin();
          if (link.writer.write(link.memory, value, 2, link.memory.words.length) < 0) link.writer.rollback();
          else got[index] = [link.reader.read(link.memory, 2)];
        }
      } finally {
        count = called;
        undo();
      }
      expect(difference(read, wanted)).toBeUndefined();
      for (const [index, each] of got.entries())
        if (each !== undefined) expect(difference(each[0], [...wanted, clonedHoley][index])).toBeUndefined();
      expect(count).toBe(0);
    }
  }
});

function define(target: object, key: string, property: PropertyDescriptor): () => void {
  Object.defineProperty(target, key, { ...property, configurable: true });
  return () => {
    Reflect.deleteProperty(target, key);
    if (target === Array.prototype) (target as unknown[]).length = 0;
  };
}

test('keys are data: none of them ends its literal or runs', () => {
  const link = new CodecLink();
  const keys = [
    '"',
    '\\',
    '"]: globalThis.owned = 1, ["',
    '${1}',
    '`',
    '\n',
    '\r',
    '\u2028',
    '\u2029',
    '*/',
    '//',
    '\uDC00',
  ];
  for (const key of keys) {
    for (let time = 0; time < 40; time++) {
      const value = { [key]: { [`a${key}`]: 1 } };
      expect(difference(link.send([value])?.[0], value)).toBeUndefined();
    }
  }
  expect(globalThis).not.toHaveProperty('owned');
});

test('words that are no record make a value or an ordinary error, and nothing else', () => {
  const link = new CodecLink(256);
  const at = 4;
  const seeded = { a: [1, 'text', { b: 0.5, c: new Uint8Array(4) }], d: 'a longer text', e: 10n, f: { g: { h: 1 } } };
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40), fc.oneof(fc.integer(), fc.nat(2000))), { maxLength: 8 }), (changes) => {
      const garbage = new CodecLink(256);
      for (let time = 0; time < 2; time++) garbage.send([seeded], at);
      garbage.write([seeded], at);
      for (const [word, value] of changes) garbage.memory.words[at + word] = value;
      try {
        garbage.reader.read(garbage.memory, at);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
    { numRuns: 1000 },
  );
  link.memory.words.fill(0);
  expect(() => link.reader.read(link.memory, at)).toThrow('not a value');
});

test('without code generation from strings everything is as with it', () => {
  const program = fileURLToPath(new URL('codec-program.js', import.meta.url));
  const run = (...options: string[]): string =>
    execFileSync(process.execPath, [...options, program], { encoding: 'utf8', timeout: 30_000 });
  expect(run()).toBe('code generation: true, same: true\n');
  expect(run('--disallow-code-generation-from-strings')).toBe('code generation: false, same: true\n');
});

test('a shape that a getter, or the record as a whole, has given up is not used', () => {
  const link = new CodecLink();
  const shape = (): unknown => ({ first: 1, second: 2 });
  link.send([shape()]);
  // Defined in this record, which is then refused.
  for (let time = 0; time < 3; time++) expect(link.write([shape(), new Map()])).toBe(refused);
  expect(link.send([shape()])).toEqual([shape()]);
  expect(link.send([shape()])).toEqual([shape()]);
});
