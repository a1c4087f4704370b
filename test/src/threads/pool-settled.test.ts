// What is left of a pool's call when it has settled: its outcome, and nothing that it needed on its way there.
import { CancelledError, LoopPool, type Future } from 'offloop';
import { expect, test } from 'vitest';

import { collect } from '../collect.ts';
import { basic, failureOf, faulty, openGate, shared, sharedWords } from './support.ts';

/** The call's future, and its argument as long as anybody keeps that. */
function echoOf(
  pool: LoopPool,
  options?: { readonly timeout: number },
): { future: Future<unknown>; kept: WeakRef<object> } {
  const argument = { big: new Array(1000).fill('kept') };
  return { future: pool.run(basic.echo(argument), options), kept: new WeakRef(argument) };
}

// All of them were kept, and beside each its loop's own future.
test.each([
  ['alone', undefined],
  ['with a limit', { timeout: 60_000 }],
])('who keeps the future keeps no arguments: %s', async (_how, options) => {
  await using pool = new LoopPool({ size: 1 });
  const { future, kept } = echoOf(pool, options);
  expect(await future).toMatchObject({ big: { length: 1000 } });
  // A WeakRef that was looked at holds until the turn is over.
  await pool.run(basic.add(1, 1));
  collect();
  expect(kept.deref()).toBeUndefined();
  expect(future.result()).toMatchObject({ big: { length: 1000 } });
});

test('nor where it was cancelled before a loop had it', async () => {
  await using pool = new LoopPool({ size: 1 });
  const words = sharedWords();
  const blocking = pool.run(shared.blockAtGate(words));
  const { future, kept } = echoOf(pool);
  expect(future.cancel()).toBe(true);
  openGate(words);
  await blocking;
  expect(await failureOf(future)).toBeInstanceOf(CancelledError);
  collect();
  expect(kept.deref()).toBeUndefined();
});

test('who takes items of a call that has settled and had none is told why there are none', async () => {
  await using pool = new LoopPool({ size: 1 });
  const done = pool.run(basic.add(1, 1));
  const failed = pool.run(faulty.fail('no items'));
  expect([await done, (await failureOf(failed)).message]).toEqual([2, 'no items']);
  expect(await failureOf(itemOf(done))).toMatchObject({ code: 'OFFLOOP_NOT_A_STREAM' });
  expect(await failureOf(itemOf(failed))).toMatchObject({ message: 'no items' });
});

test('items that nobody has taken can be taken when the job is over', async () => {
  await using pool = new LoopPool({ size: 1 });
  const stream = pool.run(basic.countTo(3));
  await pool.run(basic.add(1, 1));
  const items: number[] = [];
  for await (const item of stream) items.push(item);
  expect(items).toEqual([1, 2, 3]);
});

function itemOf(future: Future<unknown>): Promise<unknown> {
  return (future as unknown as AsyncIterable<unknown>)[Symbol.asyncIterator]().next();
}
