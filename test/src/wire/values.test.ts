import { inspect } from 'node:util';

import fc from 'fast-check';
import { NotCloneableError } from 'offloop-internal/index.js';
import { notCloneable, notPlain, pack, snapshot } from 'offloop-internal/wire/values.js';
import { expect, test } from 'vitest';

import { difference } from './same.ts';
import { strange } from './strange.ts';

function clone(value: unknown): { readonly value: unknown } | undefined {
  try {
    return { value: structuredClone(value) };
  } catch {
    return undefined;
  }
}

test('a snapshot is what structured clone gives, down to prototypes, holes, key order and -0, or there is none', () => {
  let copied = 0;
  fc.assert(
    fc.property(strange, (value) => {
      let copy: unknown = notPlain;
      try {
        copy = snapshot(value);
      } catch (error) {
        expect.unreachable(`snapshot threw ${inspect(error)}`);
      }
      if (copy === notPlain) return;
      copied++;
      const cloned = clone(value);
      expect(cloned).toBeDefined();
      expect(difference(copy, cloned?.value)).toBeUndefined();
      expect(difference(copy, value, true) ?? '').not.toContain('same object');
    }),
    { numRuns: 4000 },
  );
  expect(copied).toBeGreaterThan(500);
});

test('ordinary small values do have a snapshot', () => {
  const values = [
    1,
    'text',
    undefined,
    null,
    true,
    10n,
    -0,
    [],
    {},
    { a: [1, { b: undefined }] },
    [[[]]],
    { 1: 'one', a: 'b' },
    Object.freeze({ a: 1 }),
  ];
  for (const value of values) expect(difference(snapshot(value), structuredClone(value))).toBeUndefined();
});

test('what is large, shared, cyclic, not plain or has accessors is left to structured clone', () => {
  const shared = {};
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const values = [
    new Array(65).fill(0),
    'x'.repeat(4097),
    [shared, shared],
    cyclic,
    new Date(),
    new Map(),
    Buffer.from('a'),
    {
      get a() {
        return 1;
      },
    },
    Object.create(null),
    () => {},
    Symbol('s'),
    new Proxy({}, {}),
  ];
  for (const value of values) expect(snapshot(value)).toBe(notPlain);
});

test('a polluted or frozen Object.prototype changes nothing of a snapshot', () => {
  const seen: unknown[] = [];
  Object.defineProperty(Object.prototype, 'polluted', {
    set: (value) => seen.push(value),
    get: () => 'polluted',
    configurable: true,
  });
  Object.defineProperty(Object.prototype, 'fixed', { value: 'fixed', writable: false, configurable: true });
  try {
    for (const value of [{ polluted: 1 }, { fixed: 2 }, { a: { fixed: 3, polluted: 4 } }]) {
      const copy = snapshot(value);
      if (copy !== notPlain) expect(difference(copy, structuredClone(value))).toBeUndefined();
    }
  } finally {
    delete (Object.prototype as { polluted?: unknown }).polluted;
    delete (Object.prototype as { fixed?: unknown }).fixed;
  }
  expect(seen).toEqual([]);
});

test('a snapshot does not change with the original', () => {
  const original = { list: [1, 2], inner: { a: 1 } };
  const copy = snapshot(original) as typeof original;
  original.list.push(3);
  original.inner.a = 2;
  expect(copy).toEqual({ list: [1, 2], inner: { a: 1 } });
});

test('values that are all small travel in a batch, as copies; one that is not makes them travel alone, as they are', () => {
  const plain = { a: 1 };
  const map = new Map();
  expect(pack([plain, 1])).toMatchObject({ values: [{ a: 1 }, 1], alone: false, transfer: [] });
  expect(pack([plain]).values[0]).not.toBe(plain);
  expect(pack([plain, map])).toEqual({ values: [plain, map], alone: true, transfer: [] });
  expect(pack([plain, map]).values[1]).toBe(map);
  expect(pack([])).toMatchObject({ values: [], alone: false });
});

/** The path in the error for one value called `value`. */
function pathOf(value: unknown): string {
  const error = notCloneable(
    [1, value],
    (index) => (index === 0 ? 'first' : 'value'),
    new Error('could not be cloned'),
  );
  expect(error).toBeInstanceOf(NotCloneableError);
  expect(error.code).toBe('OFFLOOP_NOT_CLONEABLE');
  expect(error.message).toContain(error.path);
  expect(error.cause).toMatchObject({ message: 'could not be cloned' });
  return error.path;
}

test('the error for a value that cannot be sent names the path of the culprit', () => {
  const fn = (): void => {};
  expect(pathOf(fn)).toBe('value');
  expect(pathOf({ user: { onClick: fn } })).toBe('value.user.onClick');
  expect(pathOf({ fine: [1], list: [0, { 'odd key': fn }] })).toBe('value.list[1]["odd key"]');
  expect(
    pathOf(
      new Map([
        ['a', 1],
        ['b', fn as unknown],
      ]),
    ),
  ).toBe("value.get('b')");
  expect(pathOf(new Map([[fn as unknown, 1]]))).toBe('value.keys([function fn])');
  expect(pathOf(new Set([1, [fn]]))).toMatch(/^value\.has\(.*\)\[0\]$/);
  expect(pathOf([new WeakMap()])).toBe('value[0]');
  expect(pathOf({ a: Promise.resolve() })).toBe('value.a');
  expect(pathOf({ class: class Foo {} })).toBe('value.class');
  expect(pathOf(new Proxy({}, {}))).toBe('value');
});

test('the path of a culprit does not run around in a cycle', () => {
  const cyclic: Record<string, unknown> = { name: 'cycle' };
  cyclic['self'] = cyclic;
  cyclic['list'] = [cyclic];
  cyclic['onClick'] = () => {};
  expect(pathOf(cyclic)).toBe('value.onClick');
});

test('a getter that throws is told, not called again and again', () => {
  let calls = 0;
  const value = {
    get secret(): never {
      calls++;
      throw new Error('secret');
    },
  };
  expect(pathOf({ value })).toBe('value.value');
  expect(calls).toBeLessThan(5);
});

test('the error does not fail itself on a value that resists being looked at', () => {
  const resist = {
    [inspect.custom]: () => {
      throw new Error('not to be shown');
    },
  };
  const iterable = Object.assign(new Map([['f', () => {}]]), {});
  Object.defineProperty(iterable, Symbol.iterator, {
    value: () => {
      throw new Error('not to be iterated');
    },
  });
  const tagged = Object.defineProperty(() => {}, 'name', {
    get: () => {
      throw new Error('no name');
    },
  });
  for (const value of [new Proxy(resist, {}), Object.assign(Promise.resolve(), resist), iterable, tagged]) {
    expect(() => structuredClone(value)).toThrow();
    expect(pathOf(value)).toMatch(/^(first|value)/);
  }
});

test('whatever cannot be cloned has an error with a path', () => {
  fc.assert(
    fc.property(strange, (value) => {
      if (clone(value) === undefined) expect(pathOf(value)).toMatch(/^value/);
    }),
    { numRuns: 1500 },
  );
});
