// Values that the codec takes, and values that it must leave to structured clone.

/** Plain values, with what is difficult about them. */
export function acceptable(): unknown[] {
  const groups: readonly (readonly unknown[])[] = [
    [1, -1, -0, 0.5, NaN, 2 ** 53, 'text', '', 'é'.repeat(300), '€'.repeat(20), undefined, null, true, false, 10n, -0],
    [[], {}, { a: [1, { b: undefined }] }, [[[]]], { 1: 'one', a: 'b' }, Object.freeze({ a: 1 }), { toJSON: 'json' }],
    [[undefined, null], [1, 'a', 0.5, {}], Array.from({ length: 300 }, (_, index) => ({ index, half: index / 2 }))],
    [Object.assign(Object.create(null), { b: 1, a: 2 }), new Uint8Array([1, 2, 3]), new Float64Array([0.5, -0])],
    [new BigInt64Array([1n]), new Uint8Array([1, 2, 3, 4, 5]).buffer, Buffer.from(new Uint8Array([1, 2]).buffer)],
    [
      { constructor: 1, toString: 2, hasOwnProperty: 3 },
      { '': 1, ' ': 2, '"': 3, '\u2028': 4, '\\': 5, '${a}': 6 },
    ],
    [Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`key${index}`, index]))],
    [Object.fromEntries([['x'.repeat(500), 1]])],
    [{ z: 1, 10: 'ten', 2: 'two', a: 2, '-1': 'minus', '01': 'zero one', 4294967295: 'no index' }],
    [
      [
        'a'.repeat(12),
        'b'.repeat(13),
        'c'.repeat(255),
        'd'.repeat(256),
        'e'.repeat(5000),
        'f'.repeat(250),
        'g'.repeat(250),
      ],
    ],
    [['one wide among the short ones: €', 'short', '\uD800']],
  ];
  return groups.flat(1);
}

/** Each with a reason of its own. */
export function unacceptable(): unknown[] {
  const shared = {};
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  let deep: unknown = 1;
  for (let level = 0; level < 100; level++) deep = [deep];
  const two = new ArrayBuffer(8);
  const detached = new Uint8Array(8);
  structuredClone(detached, { transfer: [detached.buffer] });
  const groups: readonly (readonly unknown[])[] = [
    [[shared, shared], { a: { b: shared }, c: shared }, Array.from({ length: 30 }, () => shared), cyclic, deep],
    [new Map(), new Set(), new Date(), new Error('e'), /x/, Object(1), Object('s'), Symbol('s'), () => {}, class {}],
    [new (class Point {})(), Object.create({}), new Proxy({}, {}), new Proxy([], {}), Promise.resolve(), 2n ** 64n],
    [Buffer.from('pooled'), new Uint8Array(two, 0, 4), new DataView(two), new SharedArrayBuffer(4), detached],
    [[new Uint8Array(two), new Uint16Array(two)], [two, new Uint8Array(two)], new Uint8Array(1 << 20)],
    [new Uint8Array(new SharedArrayBuffer(4)), new Uint8Array(), new ArrayBuffer(0)],
    [
      /a(?<b>.)/.exec('ab'),
      [1, , 3],
      new Array(5),
      Object.assign([1], { named: 1 }),
      Object.assign([1, , 3], { named: 1 }),
    ],
    [JSON.parse('{"__proto__": 1}'), JSON.parse('{"a": 1, "__proto__": 1}'), new (class extends Array {})()],
    [Object.setPrototypeOf(new Map(), Object.prototype), Object.setPrototypeOf(new Set(), null), process.env],
    [Object.setPrototypeOf(new Error('e'), null), Object.setPrototypeOf(new Date(), Object.prototype)],
    [
      (function args(..._: unknown[]) {
        return arguments;
      })(1, 2),
    ],
  ];
  return groups.flat(1);
}
