import fc from 'fast-check';
import { RingBuffer } from 'offloop-internal/base/ring-buffer.js';
import { expect, test } from 'vitest';

test('a ring buffer does what an array does, whatever the order of its calls', () => {
  const step = fc.tuple(
    fc.constantFrom('push', 'push', 'push', 'shift', 'shift', 'delete', 'peek', 'clear'),
    fc.nat(6),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const ring = new RingBuffer<number>();
      const model: number[] = [];
      for (const [what, n] of steps) {
        if (what === 'push') {
          ring.push(n);
          model.push(n);
        } else if (what === 'shift') expect(ring.shift()).toBe(model.shift());
        else if (what === 'peek') expect(ring.peek()).toBe(model[0]);
        else if (what === 'delete') {
          const at = model.indexOf(n);
          expect(ring.delete(n)).toBe(at >= 0);
          if (at >= 0) model.splice(at, 1);
        } else if (n === 0) {
          ring.clear();
          model.length = 0;
        }
        expect(ring.size).toBe(model.length);
      }
      expect([...ring]).toEqual(model);
    }),
    { numRuns: 300 },
  );
});

test('undefined is an item like any other', () => {
  const ring = new RingBuffer<undefined>();
  ring.push(undefined);
  expect(ring.size).toBe(1);
  expect(ring.shift()).toBeUndefined();
  expect(ring.size).toBe(0);
});

test('it keeps its order while it grows around its end', () => {
  const ring = new RingBuffer<number>();
  for (let i = 0; i < 10; i++) ring.push(i);
  for (let i = 0; i < 8; i++) ring.shift();
  for (let i = 10; i < 100; i++) ring.push(i);
  expect([...ring]).toEqual(Array.from({ length: 92 }, (_, i) => i + 8));
});
