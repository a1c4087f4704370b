// Random values of all the kinds that a user may hand to a job, the strange ones with good odds.
import fc from 'fast-check';

class Point {
  readonly x = 1;
  get double(): number {
    return this.x * 2;
  }
}

function define(target: object, key: PropertyKey, property: PropertyDescriptor): object {
  return Object.defineProperty(target, key, { configurable: true, ...property });
}

const primitive = fc.oneof(
  fc.constantFrom<unknown>(
    -0,
    0,
    NaN,
    Infinity,
    undefined,
    null,
    true,
    '',
    '\uD800',
    'é\uDFFF',
    'toString',
    10n ** 30n,
  ),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

const key = fc.oneof(
  fc.constantFrom('a', 'b', '0', '1', '-1', '__proto__', 'constructor', 'toString', 'toJSON', 'length', '', '\uD800'),
  fc.string({ maxLength: 3 }),
);

const special: fc.Arbitrary<unknown> = fc
  .constantFrom<() => unknown>(
    () => new Date(0),
    () => new Date(NaN),
    () =>
      new Map<unknown, unknown>([
        ['a', { b: 1 }],
        [{}, []],
      ]),
    () => new Set([1, '1', {}]),
    () => new Uint8Array([1, 2, 3]),
    () => new Float64Array(2),
    () => new ArrayBuffer(4),
    () => new DataView(new ArrayBuffer(2)),
    () => /x/gu,
    () => new Point(),
    () => new (class extends Array<number> {})(3),
    () => new Error('an error'),
    () => Object('boxed'),
    () => Object(-0),
    () => Symbol('a symbol'),
    () => () => 1,
    () => Point,
    () => new WeakMap(),
    () => Promise.resolve(1),
    () => new Proxy({ a: 1 }, {}),
    () => new Proxy([1], {}),
    () =>
      (function args(..._: unknown[]) {
        return arguments;
      })(1, 2),
    () => Object.assign(Object.create(null), { a: 1 }),
    () => Object.create({ inherited: 1 }),
    () => define({ a: 1 }, 'b', { get: () => 2, enumerable: true }),
    () =>
      define({ a: 1 }, 'b', {
        get: () => {
          throw new Error('getter');
        },
        enumerable: true,
      }),
    () => define({ a: 1 }, 'hidden', { value: 2, enumerable: false }),
    () => define({ a: 1 }, Symbol('key'), { value: 2, enumerable: true }),
    () => define({ z: 1 }, '__proto__', { value: { polluted: true }, enumerable: true }),
    () => define([1, 2, 3], 1, { value: 2, enumerable: false }),
    () => define([1, 2, 3], 2, { value: 3, enumerable: false }),
    () => define([1, 2], 1, { get: () => 2, enumerable: true }),
    () => Object.assign([1, 2], { named: 3 }),
    () => Object.assign([1], { [Symbol('key')]: 3 }),
    () => [1, , 3],
    () => new Array(5),
    () => new Array(70).fill(0),
    () => Object.assign(new Array(3), { named: 1 }),
    () => Object.freeze({ a: [1] }),
    () => ({ toJSON: () => 'json' }),
    () => ({ toJSON: 'json' }),
    () => 'x'.repeat(5000),
    () => ({ long: 'x'.repeat(3000), longer: 'y'.repeat(3000) }),
  )
  .map((make) => make());

/** A few objects that occur at several places, some of them leading back to themselves. */
const shared: readonly object[] = [{ shared: 1 }, [1, 2], Object.assign({ name: 'cycle' })];
(shared[2] as Record<string, unknown>)['self'] = shared[2];

export const strange: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 6, arbitrary: primitive },
    { weight: 3, arbitrary: fc.array(tie('value'), { maxLength: 4 }) },
    {
      weight: 4,
      arbitrary: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => fromEntries(entries)),
    },
    { weight: 2, arbitrary: special },
    { weight: 1, arbitrary: fc.constantFrom(...shared) },
  ),
})).value;

/** A plain object whose keys are own properties, `__proto__` included. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): object {
  const result = {};
  for (const [each, value] of entries) define(result, each, { value, enumerable: true, writable: true });
  return result;
}
