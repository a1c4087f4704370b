import { inspect } from 'node:util';

import fc from 'fast-check';
import { NotCloneableError } from 'offloop-internal/index.js';
import { move } from 'offloop-internal/wire/move.js';
import { notCloneable, pack } from 'offloop-internal/wire/values.js';
import { expect, test } from 'vitest';

import { strange } from './strange.ts';

function clone(value: unknown): { readonly value: unknown } | undefined {
  try {
    return { value: structuredClone(value) };
  } catch {
    return undefined;
  }
}

test('values are handed on as they are, and those that move without their wrapper', () => {
  const map = new Map();
  const bytes = new Uint8Array(8);
  const { values, transfer } = pack([map, move(bytes)]);
  expect([values[0], values[1]]).toEqual([map, bytes]);
  expect(values[0]).toBe(map);
  expect(transfer).toEqual([bytes.buffer]);
  expect(pack([])).toEqual({ values: [], transfer: [] });
});

test('what has to be awaited first is refused', () => {
  const thenable = Object.create({ then: () => {} }) as unknown;
  expect(() => pack([1, thenable])).toThrow('awaited first');
  // An own `then` is data: structured clone keeps it, or says what it is.
  expect(pack([{ then: 1 }])).toEqual({ values: [{ then: 1 }], transfer: [] });
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
