import { Awake } from 'offloop-internal/link/awake.js';
import { Spin } from 'offloop-internal/link/spin.js';
import { expect, test } from 'vitest';

/** A spin of 50 µs, and a miss: it slept, and was woken a tenth of a millisecond later. */
function spinning(): { readonly spin: Spin; readonly miss: () => void; now: number } {
  const spin = new Spin(0.05, () => true);
  const at = {
    spin,
    now: 100,
    miss: () => {
      spin.slept(at.now);
      at.now += 0.1;
      spin.woken(at.now);
    },
  };
  return at;
}

test('spinning that fails sixteen times more than it finds something rests', () => {
  const at = spinning();
  for (let times = 0; times < 15; times++) at.miss();
  expect(at.spin.msAt(at.now)).toBe(0.05);
  at.spin.hit();
  at.miss();
  expect(at.spin.msAt(at.now)).toBe(0.05);
  at.miss();
  expect(at.spin.msAt(at.now)).toBe(0);
  expect(at.spin.msAt(at.now + 19)).toBe(0);
});

test('after a rest spinning is tried: one more failure, and it rests again', () => {
  const at = spinning();
  for (let times = 0; times < 16; times++) at.miss();
  at.now += 21;
  expect(at.spin.msAt(at.now)).toBe(0.05);
  at.miss();
  expect(at.spin.msAt(at.now)).toBe(0);
  at.now += 21;
  for (let times = 0; times < 20; times++) at.spin.hit();
  for (let times = 0; times < 15; times++) at.miss();
  expect(at.spin.msAt(at.now)).toBe(0.05);
});

test('a wake in a rest, or after a long sleep, is no failure of spinning', () => {
  const at = spinning();
  for (let times = 0; times < 16; times++) at.miss();
  for (let times = 0; times < 20; times++) at.miss();
  at.now += 20;
  expect(at.spin.msAt(at.now)).toBe(0.05);
  at.spin.hit();
  for (let times = 0; times < 20; times++) {
    at.spin.slept(at.now);
    at.now += 5;
    at.spin.woken(at.now);
  }
  expect(at.spin.msAt(at.now)).toBe(0.05);
});

test('a spin of 0 is never spent, nor one where the cores are taken', () => {
  expect(new Spin(0, () => true).msAt(1)).toBe(0);
  expect(new Spin(0.05, () => false).msAt(1)).toBe(0);
});

test('one more thread may run while those that are awake, the owner among them, leave a core', () => {
  const owner = new Awake(undefined, 3);
  const seen = new Awake(owner.buffer, 3);
  const places = [owner.enter(), owner.enter(), owner.enter()];
  expect(seen.fits(places[0] as number)).toBe(true);
  seen.set(places[1] as number, true);
  expect(seen.fits(places[0] as number)).toBe(true);
  seen.set(places[2] as number, true);
  expect(owner.fits(places[0] as number)).toBe(false);
  // It is one of the two itself.
  expect(owner.fits(places[1] as number)).toBe(true);
  owner.leave(places[2] as number);
  expect(seen.fits(places[0] as number)).toBe(true);
  expect(owner.enter()).toBe(places[2]);
});

test('with one core nobody spins, and a loop without a place never does', () => {
  const alone = new Awake(undefined, 1);
  expect(alone.fits(alone.enter())).toBe(false);
  const many = new Awake(undefined, 1000);
  for (let times = 0; times < 255; times++) expect(many.enter()).toBeGreaterThan(0);
  expect(many.enter()).toBe(-1);
  expect(many.fits(-1)).toBe(false);
});
