import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import { refused } from 'offloop-internal/wire/value-writer.js';
import { expect, test } from 'vitest';

import { CodecLink } from './codec-link.ts';
import { difference } from './same.ts';

/** What a getter does to the object that it is in, or to the others, before it returns. */
const deeds: readonly ((self: Record<string, unknown>, all: readonly object[], key: string) => void)[] = [
  () => {},
  () => {},
  (self, _, key) => delete self[key],
  (self) => (self['added'] = 1),
  (self) => delete self['c'],
  (self) => (self['c'] = { changed: true }),
  (_, all) => {
    for (const each of all) if (Array.isArray(each)) each.push('pushed');
  },
  (_, all) => {
    for (const each of all) if (Array.isArray(each)) each.length = 1;
  },
  (_, all) => {
    for (const each of all) (each as Record<string, unknown>)['c'] = 'changed from elsewhere';
  },
  (_, all) => {
    for (const each of all) Reflect.deleteProperty(each, 'd');
  },
  (self) => Object.setPrototypeOf(self, { inherited: 1 }),
  () => {
    throw new Error('a getter');
  },
];

interface Plan {
  readonly deed: number;
  readonly list: boolean;
  readonly entries: readonly (readonly [key: string, value: unknown, plan: Plan | undefined])[];
}

const plan = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.record({
    deed: fc.nat(deeds.length - 1),
    list: fc.boolean(),
    entries: fc.array(
      fc.tuple(
        fc.constantFrom('a', 'b', 'c', 'd', 'get', 'get2', '1'),
        fc.oneof(fc.integer(), fc.string(), fc.constant(undefined)),
        fc.option(tie('plan'), { nil: undefined, depthSize: 'medium' }),
      ),
      { maxLength: 5 },
    ),
  }),
})).plan;

/** The same value each time, with getters that write down that they were called. */
function build({ deed, list, entries }: Plan, calls: string[], all: object[]): unknown {
  const parts = entries.map(
    ([key, value, inner]) => [key, inner === undefined ? value : build(inner, calls, all)] as const,
  );
  if (list) {
    const result = parts.map(([, value]) => value);
    all.push(result);
    return result;
  }
  const self: Record<string, unknown> = {};
  all.push(self);
  for (const [key, value] of parts) {
    if (!key.startsWith('get')) self[key] = value;
    else {
      Object.defineProperty(self, key, {
        get: () => {
          calls.push(key);
          deeds[deed]?.(self, all, key);
          return value;
        },
        enumerable: true,
        configurable: true,
      });
    }
  }
  return self;
}

test('getters run once, in the order of the keys, and what they change shows as under structured clone', () => {
  const link = new CodecLink();
  let arrived = 0;
  let thrown = 0;
  fc.assert(
    fc.property(plan, (made) => {
      const calls: string[] = [];
      const clonedCalls: string[] = [];
      let got: readonly unknown[] | undefined;
      let error: unknown;
      try {
        got = link.send([build(made, calls, [])]);
      } catch (failure) {
        error = failure;
      }
      let cloned: unknown;
      try {
        cloned = structuredClone(build(made, clonedCalls, []));
      } catch (failure) {
        if (error !== undefined) {
          thrown++;
          expect(error).toEqual(failure);
          expect(calls).toEqual(clonedCalls);
        }
        return;
      }
      expect(error).toBeUndefined();
      if (got === undefined) return;
      if (calls.length > 0) arrived++;
      expect(difference(got[0], cloned)).toBeUndefined();
      expect(calls).toEqual(clonedCalls);
    }),
    { numRuns: 3000 },
  );
  expect(arrived).toBeGreaterThan(150);
  expect(thrown).toBeGreaterThan(50);
  expect(link.send([{ a: 1, b: [2] }])).toEqual([{ a: 1, b: [2] }]);
});

test('what a getter throws is thrown on, and the shapes of its record are unknown again', () => {
  const link = new CodecLink();
  const failing = {
    a: { x: 1, y: 2 },
    get b(): never {
      throw new RangeError('a getter');
    },
  };
  for (let time = 0; time < 3; time++) expect(() => link.write([failing])).toThrow('a getter');
  for (let time = 0; time < 3; time++) expect(link.send([{ x: time, y: 2 }])).toEqual([{ x: time, y: 2 }]);
});

test('a value is being written while a getter runs, and not any more afterwards', () => {
  const link = new CodecLink();
  const seen: boolean[] = [];
  const value = {
    get a(): number {
      seen.push(link.writer.writing);
      return 1;
    },
  };
  link.send([value]);
  seen.push(link.writer.writing);
  expect(() =>
    link.write([
      {
        get a(): never {
          throw new Error('a getter');
        },
      },
    ]),
  ).toThrow();
  expect([...seen, link.writer.writing]).toEqual([true, false, false]);
});

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
    { numRuns: 4000 },
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
