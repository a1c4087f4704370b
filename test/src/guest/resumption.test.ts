import { Resumption } from 'offloop-internal/guest/resumption.js';
import { expect, test } from 'vitest';

function make() {
  const turns: (() => void)[] = [];
  let times = 0;
  const resumption = new Resumption(
    (fn) => void turns.push(fn),
    () => void times++,
  );
  return { resumption, turns, times: () => times };
}

test('it goes on once, however often it is asked for', () => {
  const { resumption, turns, times } = make();
  resumption.inNextTurn();
  resumption.inNextTurn();
  expect([turns.length, resumption.isBooked, resumption.hasTurn]).toEqual([1, true, true]);
  turns.shift()?.();
  expect([times(), resumption.isBooked, resumption.hasTurn]).toEqual([1, false, false]);
});

// A thread that waits for a module has nothing to do: it may sleep, and does not look for calls turn by turn.
test('while it waits for a module it has no turn, and asking for one changes nothing', async () => {
  const { resumption, turns, times } = make();
  let load: () => void = () => {};
  const loaded = new Promise<void>((resolve) => (load = resolve));
  resumption.after(loaded);
  resumption.inNextTurn();
  expect([turns.length, resumption.isBooked, resumption.hasTurn]).toEqual([0, true, false]);
  load();
  await loaded;
  expect([turns.length, resumption.hasTurn]).toEqual([1, true]);
  turns.shift()?.();
  expect(times()).toBe(1);
});
