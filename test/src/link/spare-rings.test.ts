import { makeRing, RingReader, RingWriter } from 'offloop-internal/link/ring.js';
import { giveBackRing, takeRing } from 'offloop-internal/link/spare-rings.js';
import { expect, test } from 'vitest';

/** Publishes a record that carries a number; false where there is no room. */
function write(writer: RingWriter, mark: number): boolean {
  if (!writer.open()) return false;
  writer.memory.words[writer.at + 1] = mark;
  writer.commit(writer.at + 2);
  writer.publish();
  return true;
}

test('a ring that was given back is taken again, and looks like a new one', () => {
  const ring = takeRing();
  const writer = new RingWriter(ring);
  const reader = new RingReader(ring);
  for (let n = 0; n < 40_000; n++) write(writer, -1);
  reader.park();
  writer.wantRoom();
  giveBackRing(ring);
  expect(takeRing()).toBe(ring);
  expect(Buffer.from(ring as unknown as ArrayBuffer).equals(Buffer.alloc(ring.byteLength))).toBe(true);
  const next = new RingReader(ring);
  expect(write(new RingWriter(ring), 7)).toBe(true);
  expect(next.memory.words[next.next() + 1]).toBe(7);
});

test('sixteen are kept, and no more', () => {
  const rings = Array.from({ length: 20 }, takeRing);
  for (const ring of rings) giveBackRing(ring);
  const again = Array.from({ length: 20 }, takeRing);
  expect(again.filter((ring) => rings.includes(ring))).toHaveLength(16);
});

test('who has given a ring up touches it no more, and finds nothing in it', () => {
  const ring = makeRing();
  const writer = new RingWriter(ring);
  const reader = new RingReader(ring);
  for (let n = 0; n < 10; n++) write(writer, n);
  reader.skip(reader.next());
  const before = Buffer.from(ring as unknown as ArrayBuffer).toString('latin1');
  writer.giveUp();
  reader.giveUp();
  expect([write(writer, 11), writer.publish()]).toEqual([false, false]);
  writer.wantRoom();
  expect([reader.next(), reader.hasMore, reader.release(), reader.park(), reader.hasMore]).toEqual([
    -1,
    false,
    false,
    true,
    false,
  ]);
  reader.unpark();
  expect(Buffer.from(ring as unknown as ArrayBuffer).toString('latin1') === before).toBe(true);
});
