// What comes and goes with every message: as a Set and a Map would say, and without what those keep.
import fc from 'fast-check';
import { Bag, type BagItem } from 'offloop-internal/base/bag.js';
import { IdTable, type IdItem } from 'offloop-internal/base/id-table.js';
import { expect, test } from 'vitest';

import { collect } from '../collect.ts';

class Item implements BagItem, IdItem<Item> {
  readonly id: string;
  bagPlace = -1;
  bagOrder = 0;
  olderNeighbour: Item | undefined;
  tableOrder = 0;

  constructor(id: string) {
    this.id = id;
  }
}

/** Adds an item with this id, or takes out one of those that are there or were. */
const steps = fc.array(fc.oneof(fc.record({ add: fc.nat(30) }), fc.record({ take: fc.nat(400) })), {
  maxLength: 400,
  size: 'max',
});

type Steps = typeof steps extends fc.Arbitrary<infer S> ? S : never;

/** Take these steps in a box and in a Set; gives the Set, and all items that there have been. */
function played(box: Bag<Item> | IdTable<Item>, all: Steps, idOf: (n: number) => string) {
  const model = new Set<Item>();
  const ever: Item[] = [];
  for (const step of all) {
    if ('add' in step) {
      const item = new Item(idOf(step.add));
      ever.push(item);
      box.add(item);
      model.add(item);
    } else {
      const item = ever[step.take % ever.length];
      if (item !== undefined) expect(box.delete(item)).toBe(model.delete(item));
    }
    expect(box.size).toBe(model.size);
  }
  return { model, ever };
}

test('a bag has what was put in and not taken out, in the order in which it came', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const bag = new Bag<Item>();
      const { model, ever } = played(bag, all, String);
      expect([...bag]).toEqual([...model]);
      for (const item of ever.slice(0, 20))
        expect(bag.find((each) => each === item)).toBe(model.has(item) ? item : undefined);
    }),
  );
});

test('a table finds the newest of those that share an id, however many there are', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const table = new IdTable<Item>();
      // Ids that stand in the same place of the table, and ids that do not.
      const { model, ever } = played(table, all, (n) => `${'x'.repeat(n % 3)}${n}`);
      for (const { id } of ever) expect(table.find(id)).toBe([...model].findLast((item) => item.id === id));
      expect([...table]).toEqual([...model]);
    }),
  );
});

test.each([
  ['bag', () => new Bag<Item>()],
  ['table', () => new IdTable<Item>()],
])('what has left a %s is kept by nobody, though a full collection has seen it', async (_name, make) => {
  const box = make();
  const refs: WeakRef<Item>[] = [];
  for (let n = 0; n < 300; n++) {
    const item = new Item(String(n));
    box.add(item);
    refs.push(new WeakRef(item));
    if (n === 100) collect();
    if (n >= 32) box.delete(refs[n - 32]?.deref() as Item);
  }
  // A WeakRef keeps its target until its turn is over.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(refs.filter((ref) => ref.deref() !== undefined)).toHaveLength(32);
});
