import { PortTurns } from 'offloop-internal/guest/port-turns.js';
import { expect, test } from 'vitest';

/** Resolves behind what was booked before. */
const turn = (turns: PortTurns): Promise<void> => new Promise((resolve) => turns.nextTurn(resolve));

test('what is booked for one turn runs in one callback, in order, after the microtasks of this one', async () => {
  const turns = new PortTurns();
  const seen: string[] = [];
  turns.again(() => {
    seen.push('first');
    void Promise.resolve().then(() => seen.push('microtask of the first'));
  });
  turns.again(() => seen.push('second'));
  void Promise.resolve().then(() => seen.push('microtask'));
  await turn(turns);
  expect(seen).toEqual(['microtask', 'first', 'second', 'microtask of the first']);
});

test('what is booked by one that runs comes in another callback', async () => {
  const turns = new PortTurns();
  const seen: string[] = [];
  turns.again(() => {
    turns.again(() => seen.push('later'));
    void Promise.resolve().then(() => seen.push('microtask'));
  });
  turns.again(() => seen.push('beside it'));
  await turn(turns);
  await turn(turns);
  expect(seen).toEqual(['beside it', 'microtask', 'later']);
});

test('a next turn comes after timers that are due', async () => {
  const turns = new PortTurns();
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    setImmediate(() => {
      setTimeout(() => seen.push('timer'), 1);
      const end = performance.now() + 2;
      while (performance.now() < end);
      turns.nextTurn(() => {
        seen.push('turn');
        resolve();
      });
    });
  });
  expect(seen).toEqual(['timer', 'turn']);
});

// As where a job is interrupted: nothing more of that callback runs.
test('when one is broken off in the middle, those behind it in the same turn come in another', async () => {
  const turns = new PortTurns();
  const thrown = new Promise((resolve) => process.once('uncaughtException', resolve));
  turns.again(() => {
    throw new Error('broken off');
  });
  const behind = new Promise<void>((resolve) => turns.again(resolve));
  await thrown;
  await behind;
});
