import fc from 'fast-check';
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
    for (const each of all) if (Array.isArray(each)) each.length = 9;
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
        expect(got).toBeUndefined();
        if (error === undefined) return;
        thrown++;
        expect(error).toEqual(failure);
        expect(calls).toEqual(clonedCalls);
        return;
      }
      expect(error).toBeUndefined();
      if (got === undefined) return;
      if (calls.length > 0) arrived++;
      expect(difference(got[0], cloned)).toBeUndefined();
      expect(calls).toEqual(clonedCalls);
    }),
    { numRuns: 1000 },
  );
  expect(arrived).toBeGreaterThan(50);
  expect(thrown).toBeGreaterThan(10);
  expect(link.send([{ a: 1, b: [2] }])).toEqual([{ a: 1, b: [2] }]);
});

test('a getter inside an array that deletes an element and adds a name leaves the array to structured clone', () => {
  const make = (): unknown[] => {
    const list: unknown[] = [
      'first',
      {
        get get() {
          Reflect.deleteProperty(list, 0);
          return Object.assign(list, { name: 1 }).length;
        },
      },
    ];
    return list;
  };
  expect(structuredClone(make())).toEqual(Object.assign(['first', { get: 2 }], { name: 1 }));
  expect(new CodecLink().send([make()])).toBeUndefined();
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
