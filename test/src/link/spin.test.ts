import { Awake } from 'offloop-internal/link/awake.js';
import { Spin } from 'offloop-internal/link/spin.js';
import { expect, test } from 'vitest';

test('spinning that fails four times in a row rests, and is tried again after that', () => {
  const spin = new Spin(0.05, () => true);
  let now = 100;
  const miss = (): void => {
    spin.slept(now);
    now += 0.1;
    spin.woken(now);
  };
  for (let times = 0; times < 3; times++) miss();
  expect(spin.msAt(now)).toBe(0.05);
  miss();
  expect(spin.msAt(now)).toBe(0);
  expect(spin.msAt(now + 19)).toBe(0);
  expect(spin.msAt(now + 21)).toBe(0.05);
});

test('a spin that finds something, or a long sleep, makes up for the failures before it', () => {
  const spin = new Spin(0.05, () => true);
  let now = 100;
  for (let times = 0; times < 20; times++) {
    spin.slept(now);
    now += 0.1;
    spin.woken(now);
    if (times % 3 === 0) spin.hit();
    else if (times % 3 === 2) {
      spin.slept(now);
      spin.woken((now += 5));
    }
    expect(spin.msAt(now)).toBe(0.05);
  }
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
