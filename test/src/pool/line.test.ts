import fc from 'fast-check';
import { Line, LineItem } from 'offloop-internal/pool/line.js';
import { expect, test } from 'vitest';

class Item extends LineItem<Item> {}

test('an item can leave from anywhere, once', () => {
  const line = new Line<Item>();
  const items = [0, 1, 2].map((order) => new Item(order));
  for (const item of items) line.push(item);
  const [first, second, third] = items as [Item, Item, Item];
  expect([line.remove(second), line.remove(second)]).toEqual([true, false]);
  expect([...line]).toEqual([first, third]);
});

test('its neighbours close the gap on both sides', () => {
  const line = new Line<Item>();
  const items = [0, 1, 2, 3].map((order) => new Item(order));
  for (const item of items) line.push(item);
  const [first, second, third, fourth] = items as [Item, Item, Item, Item];
  line.remove(second);
  line.remove(third);
  expect([...line]).toEqual([first, fourth]);
  line.remove(fourth);
  line.push(second);
  expect([...line]).toEqual([first, second]);
});

test('an item is known to its line only', () => {
  const [line, other] = [new Line<Item>(), new Line<Item>()];
  const item = new Item(0);
  line.push(item);
  expect([line.has(item), other.has(item), other.remove(item)]).toEqual([true, false, false]);
  expect([line.size, other.size]).toEqual([1, 0]);
});

test('whatever joins, leaves and comes back, the line stays in order', () => {
  const step = fc.tuple(fc.constantFrom('push', 'push', 'push', 'remove', 'remove', 'back', 'all'), fc.nat());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const line = new Line<Item>();
      let inside: Item[] = [];
      let outside: Item[] = [];
      let order = 0;
      for (const [what, index] of steps) {
        if (what === 'push') {
          const item = new Item(order++);
          line.push(item);
          inside.push(item);
        } else if (what === 'remove' && inside.length > 0) {
          const [item] = inside.splice(index % inside.length, 1) as [Item];
          expect(line.remove(item)).toBe(true);
          outside.push(item);
        } else if (what === 'back' && outside.length > 0) {
          const [item] = outside.splice(index % outside.length, 1) as [Item];
          line.putBack(item);
          inside = [...inside, item].sort((a, b) => a.order - b.order);
        } else if (what === 'all' && index % 7 === 0) {
          expect(line.takeAll()).toEqual(inside);
          outside = [...outside, ...inside];
          inside = [];
        }
        expect([...line].map((each) => each.order)).toEqual(inside.map((each) => each.order));
        expect([line.size, line.first]).toEqual([inside.length, inside[0]]);
      }
    }),
  );
});
