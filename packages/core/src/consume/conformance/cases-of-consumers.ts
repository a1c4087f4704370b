import assert from 'node:assert/strict';

import { Drop, LeaseLostError } from '../../base/message-errors.ts';
import { isAbort } from '../../base/untrusted.ts';
import { codeOf, resolveAll, type Case } from './probe.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const sorted = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);

/** What holds when consumers pause, drain and close. */
export const endingCases: readonly Case[] = [
  [
    'a paused consumer takes nothing, keeps what it has, and goes on when it is resumed',
    async (bench) => {
      await bench.put(1);
      const probe = bench.probe({ concurrency: 3 });
      const first = await probe.next(0);
      await probe.intake.pause();
      // What comes now is for the others.
      await bench.put(2, 3);
      const other = bench.probe({}, resolveAll);
      await other.next(1);
      await other.intake.close();
      first.resolve();
      await bench.settled(0);
      assert.deepEqual(probe.data, [1]);
      probe.react = resolveAll;
      probe.intake.resume();
      await bench.put(4);
      await probe.next(1);
      assert.deepEqual(probe.data, [1, 4]);
      await bench.settled(0);
    },
  ],
  [
    'draining takes nothing more, waits for what is under way, and for the source to store it',
    async (bench) => {
      await bench.put(1, 2, 3);
      const probe = bench.probe({ concurrency: 2 });
      await probe.next(1);
      let drained = false;
      const drain = probe.intake.drain().then(() => (drained = true));
      await bench.put(4);
      probe.got[0]?.resolve();
      await probe.until(async () => (await bench.rig.count()).waiting === 2, 'two messages that wait');
      assert.equal(drained, false);
      probe.got[1]?.resolve();
      await drain;
      assert.deepEqual(sorted(probe.data), [1, 2]);
      await probe.intake.close();
      const other = bench.probe({}, resolveAll);
      await other.next(1);
      await bench.settled(0);
      assert.deepEqual(other.data, [3, 4]);
    },
  ],
  [
    'closing gives back what is unfinished: its signal aborts, how its handler ends changes nothing, and another consumer gets it at once',
    async (bench) => {
      await bench.put(1);
      const probe = bench.probe();
      const first = await probe.next(0);
      // The signal exists before and after it aborts.
      const { signal } = first.delivery;
      await probe.intake.close();
      assert.ok(signal.aborted && isAbort(signal.reason), `the reason is ${String(signal.reason)}`);
      await probe.intake.ended;
      first.resolve();
      const other = bench.probe();
      const second = await other.next(0);
      assert.equal(second.delivery.id, first.delivery.id);
      assert.ok(second.delivery.attempt <= 2);
      second.reject(new Drop('decided here'));
      await bench.settled(1);
    },
  ],
  [
    'an intake may be closed at any time and again; nothing is delivered after that, and nothing is lost',
    async (bench) => {
      const early = bench.probe({}, resolveAll);
      await Promise.all([early.intake.close(), early.intake.close()]);
      await bench.put(1);
      await early.intake.close();
      const other = bench.probe({}, resolveAll);
      await other.next(0);
      await bench.settled(0);
      assert.deepEqual([early.data, other.data], [[], [1]]);
      await other.intake.drain();
      await other.intake.close();
      await other.intake.drain();
    },
  ],
];

/** What holds when leases run out, and when the server is gone. */
export const faultyCases: readonly Case[] = [
  [
    'a lost lease aborts the signal, the outcome of its handler is not taken, and the message is delivered again',
    async (bench) => {
      await bench.put(1);
      const probe = bench.probe({ concurrency: 2 });
      const first = await probe.next(0);
      const { signal } = first.delivery;
      await bench.rig.loseLeases?.();
      const second = await probe.next(1);
      await probe.until(() => signal.aborted, 'the signal of the lost delivery');
      assert.ok(signal.reason instanceof LeaseLostError, `the reason is ${String(signal.reason)}`);
      await assert.rejects(first.delivery.extend(), LeaseLostError);
      assert.equal(second.delivery.id, first.delivery.id);
      assert.equal(second.delivery.attempt, 2);
      first.resolve();
      second.reject(new Drop('decided here'));
      await bench.settled(1);
    },
    'loseLeases',
  ],
  [
    'a message that is lost as often as it may be tried is given up as poison',
    async (bench) => {
      await bench.put(1);
      const probe = bench.probe({ concurrency: 3, attempts: 2 });
      for (let attempt = 0; attempt < 2; attempt++) {
        await probe.next(attempt);
        await bench.rig.loseLeases?.();
      }
      await probe.until(() => probe.letters.length > 0, 'a dead letter');
      await bench.put(2);
      (await probe.next(2)).resolve();
      await bench.settled(1);
      assert.deepEqual(probe.data, [1, 1, 2]);
      assert.equal(probe.letters[0]?.reason, 'poison');
      assert.equal(probe.letters[0]?.attempt, 2);
      assert.equal(codeOf(probe.letters[0]?.error), 'OFFLOOP_POISON_MESSAGE');
    },
    'loseLeases',
  ],
  [
    'a source that cannot be reached at the start is told, tried again, and consumed when it is there',
    async (bench) => {
      await bench.put(1);
      const restore = await bench.rig.cut?.();
      const probe = bench.probe({}, resolveAll);
      await probe.until(() => probe.errors.length > 0, 'an error');
      assert.equal(probe.intake.health().state, 'starting');
      assert.ok(probe.intake.health().error instanceof Error);
      await restore?.();
      await probe.next(0);
      assert.equal(probe.intake.health().state, 'up');
      await bench.settled(0);
    },
    'cut',
  ],
  [
    'a source that goes away under its consumers loses nothing: what ends meanwhile is stored when it is back, trouble is told once',
    async (bench) => {
      await bench.put(...numbers(6));
      const probe = bench.probe({ concurrency: 2 });
      await probe.next(1);
      const restore = await bench.rig.cut?.();
      probe.react = resolveAll;
      probe.settleAll();
      await probe.until(() => probe.errors.length > 0, 'an error');
      await probe.until(() => probe.intake.health().state === 'down', 'bad health');
      await restore?.();
      await probe.until(() => new Set(probe.data).size === 6, 'six messages');
      await bench.settled(0);
      assert.ok(probe.errors.length <= 6, `one trouble was told ${probe.errors.length} times`);
      assert.equal(probe.intake.health().state, 'up');
    },
    'cut',
  ],
  [
    'an intake closes in a few seconds although its source cannot be reached',
    async (bench) => {
      await bench.put(1);
      const probe = bench.probe();
      await probe.next(0);
      const restore = await bench.rig.cut?.();
      const since = performance.now();
      await probe.intake.close();
      assert.ok(performance.now() - since < 8000, `it took ${performance.now() - since} ms`);
      await restore?.();
    },
    'cut',
  ],
];
