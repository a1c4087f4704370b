import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { Doorbell } from 'offloop-internal/link/doorbell.js';
import { expect, test } from 'vitest';

import { Wire } from './wire.ts';

interface Door {
  readonly bell: Doorbell;
  readonly clock: FakeClock;
  rung(): number;
  endTick(): void;
}

function door(): Door {
  const wire = new Wire();
  const clock = new FakeClock();
  const ticks: (() => void)[] = [];
  return {
    bell: new Doorbell(wire, { clock, nextTick: (fn) => void ticks.push(fn), tickEnd: { isGathering: false } }),
    clock,
    rung: () => wire.queue.length,
    endTick: () => {
      for (const tick of ticks.splice(0)) tick();
    },
  };
}

test('the first bell of a tick is rung at once, and those that come soon after are one bell at its end', () => {
  const it = door();
  it.bell.bell();
  expect(it.rung()).toBe(1);
  for (let times = 0; times < 5; times++) it.bell.bell();
  expect(it.rung()).toBe(1);
  it.endTick();
  expect(it.rung()).toBe(2);
  it.endTick();
  expect(it.rung()).toBe(2);
});

test('the first bell of the next tick is rung at once, however soon it comes', () => {
  const it = door();
  it.bell.bell();
  it.endTick();
  it.bell.bell();
  expect(it.rung()).toBe(2);
});

test('in a tick that takes long a bell does not wait for its end', () => {
  const it = door();
  it.bell.bell();
  it.clock.advance(0.2);
  it.bell.bell();
  expect(it.rung()).toBe(2);
  it.bell.bell();
  expect(it.rung()).toBe(2);
  it.clock.advance(0.2);
  it.bell.bell();
  expect(it.rung()).toBe(3);
});

test('a bell that is owed is rung before this thread blocks, and not once more', () => {
  const it = door();
  it.bell.bell();
  it.bell.bell();
  it.bell.settle();
  expect(it.rung()).toBe(2);
  it.endTick();
  expect(it.rung()).toBe(2);
});
