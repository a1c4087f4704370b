import { inspect } from 'node:util';

import fc from 'fast-check';
import { refused, tooLong } from 'offloop-internal/wire/value-writer.js';
import { expect, test } from 'vitest';

import { CodecLink } from './codec-link.ts';
import { acceptable, unacceptable } from './codec-samples.ts';
import { difference } from './same.ts';
import { strange } from './strange.ts';

function clone(value: unknown): { readonly value: unknown } | undefined {
  try {
    return { value: structuredClone(value) };
  } catch {
    return undefined;
  }
}

/** Send it as often as it takes until its shapes are known and compiled. */
const untilCompiled = 20;

function expectSame(link: CodecLink, value: unknown, times = untilCompiled): void {
  for (let time = 0; time < times; time++) {
    const arrived = link.send([value]);
    expect(arrived, inspect(value)).toBeDefined();
    expect(difference(arrived?.[0], structuredClone(value)), inspect(value)).toBeUndefined();
  }
}

/** Plain values with all that is difficult about them, most of which can be written. */
const plain = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.oneof(
      fc.constantFrom<unknown>(
        -0,
        0,
        NaN,
        Infinity,
        -Infinity,
        2 ** 30,
        -(2 ** 30),
        2 ** 30 - 1,
        2 ** 31,
        -(2 ** 31),
        -(2 ** 30) - 1,
      ),
      fc.constantFrom<unknown>(
        undefined,
        null,
        true,
        false,
        10n,
        -(2n ** 63n),
        2n ** 63n - 1n,
        2n ** 63n,
        2n ** 64n,
        '',
        '\u2028',
        '\uD800',
      ),
      fc.integer(),
      fc.double(),
      fc.bigInt(),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ maxLength: 40 }),
      fc.nat(600).map((length) => 'é'.repeat(length)),
      fc.nat(600).map((length) => '\uDFFF'.repeat(length)),
    ),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          'a',
          'b',
          'c',
          '1',
          '0',
          '-1',
          '01',
          'constructor',
          'toString',
          '\u2028"',
          '\uD800',
          '4294967295',
          '1e3',
        ),
        fc.string(),
      ),
      tie('value'),
      {
        maxKeys: 6,
      },
    ),
    fc.array(fc.integer(), { maxLength: 30 }),
    fc.uint8Array({ minLength: 1, maxLength: 20 }),
    fc.float64Array({ minLength: 1, maxLength: 5 }),
  ),
})).value;

test('what arrives is what structured clone gives, in every observable way, or it is refused', () => {
  const link = new CodecLink();
  let arrived = 0;
  fc.assert(
    fc.property(fc.oneof(strange, plain), (value) => {
      let got: readonly unknown[] | undefined;
      try {
        got = link.send([value]);
      } catch (error) {
        expect(error).toMatchObject({ message: 'getter' });
      }
      if (got === undefined) return;
      arrived++;
      const cloned = clone(value);
      expect(cloned).toBeDefined();
      expect(difference(got[0], cloned?.value)).toBeUndefined();
      expect(difference(got[0], value, true) ?? '').not.toContain('same object');
    }),
    { numRuns: 3000 },
  );
  expect(arrived).toBeGreaterThan(1500);
});

test('the same many times over: shapes become known and compiled, and nothing changes', () => {
  fc.assert(
    fc.property(fc.array(plain, { minLength: 1, maxLength: 3 }), (values) => {
      const link = new CodecLink();
      for (let time = 0; time < untilCompiled; time++) {
        const got = link.send(values);
        if (got !== undefined) expect(difference(got, structuredClone(values))).toBeUndefined();
      }
    }),
    { numRuns: 200 },
  );
});

test('ordinary values are accepted', () => {
  const link = new CodecLink();
  for (const value of acceptable()) expectSame(link, value);
});

test('what a codec without references and classes cannot keep is refused', () => {
  for (const value of unacceptable()) {
    const link = new CodecLink();
    for (let time = 0; time < 3; time++) {
      expect(link.write([value]), inspect(value)).toBe(refused);
      expect(link.write([{ value, a: 1 }]), inspect(value)).toBe(refused);
    }
    expectSame(link, [{ value: 1, a: 1 }]);
  }
});

test('an object twice in one record is refused, also as two arguments; in two records it is written', () => {
  const link = new CodecLink();
  const one = { a: 1 };
  expect(link.write([one, one])).toBe(refused);
  expect(link.write([[{}, {}], { b: [] }, [one], { one }])).toBe(refused);
  expect(link.write([...Array.from({ length: 40 }, () => ({})), one, [], one])).toBe(refused);
  expect(link.send([one, [1]])).toEqual([one, [1]]);
  expect(link.send([one, [2]])).toEqual([one, [2]]);
});

test('records of all kinds in a row, some too long, some refused, some given up: the reader never loses the thread', () => {
  const record = fc.record({
    values: fc.array(fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: strange }), { maxLength: 3 }),
    room: fc.option(fc.nat(60)),
    giveUp: fc.boolean(),
    at: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 30 }), (records) => {
      const link = new CodecLink(1 << 12);
      const again = [...records, ...records];
      for (const { values, room, giveUp, at } of again) {
        let next: number;
        try {
          next = link.write(values, at * 2, room === null ? undefined : at * 2 + room);
        } catch {
          continue;
        }
        if (next < 0) continue;
        if (giveUp) link.writer.rollback();
        else expect(difference(link.read(values.length, at * 2, next), structuredClone(values))).toBeUndefined();
      }
    }),
    { numRuns: 100 },
  );
});

test('too long at every possible word: nothing behind the end is touched, and the next record is right', () => {
  const make = (): unknown[] => [
    { a: 1, b: 0.5, c: ['text', 'x'.repeat(300), '€', 10n, new Uint8Array(5)], d: { e: null, f: [0.5, undefined] } },
    ['y'.repeat(14), { a: 1, z: '€'.repeat(260) }, { a: 2, z: '' }],
    Array.from({ length: 5 }, (_, index) => ({ index, name: `name ${index}` })),
  ];
  for (const value of make()) {
    for (const at of [0, 1, 3]) {
      const link = new CodecLink(1 << 10);
      for (let round = 0; round < 3; round++) {
        let next = 0;
        // The second record with the same keys defines them, in more words than the first one needs.
        for (let time = 0; time < 2; time++) {
          next = link.write([value], at);
          link.writer.rollback();
        }
        for (let end = at; end < next; end++) expect(link.write([value], at, end)).toBe(tooLong);
        // The exact room is enough.
        expect(difference(link.send([value], at, next), [structuredClone(value)])).toBeUndefined();
      }
      expectSame(link, value);
    }
  }
});

test('more shapes than are remembered, and objects used as dictionaries', () => {
  const link = new CodecLink();
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 1500; index++) {
      expectSame(link, { [`key${index}`]: index, b: 1 }, 1);
      if (index % 100 === 0) expectSame(link, { id: index, [`once${round * 1500 + index}`]: 1 }, 1);
    }
  }
  for (let index = 0; index < 5000; index++) link.send([{ [`dictionary${index}`]: index }]);
  expectSame(link, { key1499: 1, b: 1 });
  expectSame(link, { key3: 1, b: 1 });
});
