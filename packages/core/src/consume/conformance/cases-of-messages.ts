import assert from 'node:assert/strict';

import { Drop } from '../../base/message-errors.ts';
import { codeOf, resolveAll, type Case } from './probe.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const sorted = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);

/** What holds while all goes well. */
export const plainCases: readonly Case[] = [
  [
    'each message is delivered once, first attempt, with an id of its own, and gone when its handler resolves',
    async (bench) => {
      await bench.put(...numbers(20));
      const probe = bench.probe({ concurrency: 4 }, resolveAll);
      await probe.until(() => probe.got.length >= 20, '20 deliveries');
      await bench.settled(0);
      assert.deepEqual(sorted(probe.data), numbers(20));
      assert.equal(new Set(probe.got.map(({ delivery }) => delivery.id)).size, 20);
      for (const { delivery } of probe.got) {
        assert.equal(delivery.attempt, 1);
        assert.equal(typeof delivery.name, 'string');
        assert.equal(delivery.signal.aborted, false);
      }
      await probe.intake.close();
      // Who comes later finds only what came later.
      await bench.put(77);
      const later = bench.probe({}, resolveAll);
      await later.next(0);
      await bench.settled(0);
      assert.deepEqual(later.data, [77]);
    },
  ],
  [
    'one consumer with one slot gets what was put in, in that order',
    async (bench) => {
      await bench.put(...numbers(12));
      const probe = bench.probe({}, resolveAll);
      await probe.until(() => probe.got.length >= 12, '12 deliveries');
      assert.deepEqual(probe.data, numbers(12));
    },
  ],
  [
    'a message that comes while the consumer waits is delivered, also when it has waited for a while',
    async (bench) => {
      const probe = bench.probe({ concurrency: 2 }, resolveAll);
      for (const data of [1, 2, 3]) {
        await bench.put(data);
        await probe.next(data - 1);
      }
      await bench.settled(0);
      assert.deepEqual(probe.data, [1, 2, 3]);
    },
  ],
  [
    'no more messages are taken than there are slots: the others stay where anybody may take them',
    async (bench) => {
      await bench.put(...numbers(10));
      const probe = bench.probe({ concurrency: 3 });
      await probe.next(2);
      for (let look = 0; look < 3; look++) assert.equal((await bench.rig.count()).waiting, 7);
      probe.react = resolveAll;
      probe.settleAll();
      await probe.until(() => probe.got.length >= 10, '10 deliveries');
      assert.equal(probe.most, 3);
      await bench.settled(0);
    },
  ],
  [
    'several consumers share the messages, none gets one that another has',
    async (bench) => {
      const probes = [bench.probe({ concurrency: 2 }, resolveAll), bench.probe({ concurrency: 3 }, resolveAll)];
      await bench.put(...numbers(30));
      const all = (): number[] => probes.flatMap(({ data }) => data);
      await probes[0]?.until(() => all().length >= 30, '30 deliveries');
      await bench.settled(0);
      assert.deepEqual(sorted(all()), numbers(30));
    },
  ],
  [
    'a lease can be extended as long as the handler has not settled, and not after that',
    async (bench) => {
      await bench.put(1);
      const probe = bench.probe();
      const { delivery, resolve } = await probe.next(0);
      await delivery.extend();
      resolve();
      await bench.settled(0);
      await assert.rejects(delivery.extend());
    },
  ],
];

/** What becomes of messages whose handlers fail. */
export const failingCases: readonly Case[] = [
  [
    'a handler that rejects gets the message again, after the back-off, with the next attempt and the same id',
    async (bench) => {
      await bench.put(1);
      const asked: unknown[] = [];
      const backoff = (attempt: number, error: unknown): number => {
        asked.push([attempt, (error as Error).message]);
        return 150;
      };
      const probe = bench.probe({ backoff });
      const first = await probe.next(0);
      // Others go on meanwhile.
      await bench.put(2);
      const since = performance.now();
      first.reject(new Error('no luck'));
      const other = await probe.next(1);
      assert.equal(other.delivery.data, 2);
      other.resolve();
      const second = await probe.next(2);
      assert.ok(performance.now() - since >= 140, `it came again after ${performance.now() - since} ms`);
      assert.equal(second.delivery.id, first.delivery.id);
      assert.equal(second.delivery.attempt, 2);
      second.resolve();
      await bench.settled(0);
      assert.deepEqual(asked, [[1, 'no luck']]);
      assert.deepEqual(probe.letters, []);
    },
  ],
  [
    'after its last attempt a message lies with the dead letters, is told once, and the others go on',
    async (bench) => {
      await bench.put(1, 2, 3);
      const probe = bench.probe({ attempts: 2 }, ({ delivery, resolve, reject }) =>
        delivery.data === 2 ? reject(new Error(`attempt ${delivery.attempt}`)) : resolve(),
      );
      await probe.until(() => probe.letters.length > 0, 'a dead letter');
      await bench.settled(1);
      assert.deepEqual(sorted(probe.data), [1, 2, 2, 3]);
      const [letter] = probe.letters;
      const failed = probe.got.find(({ delivery }) => delivery.data === 2);
      assert.equal(probe.letters.length, 1);
      assert.equal(letter?.id, failed?.delivery.id);
      assert.equal(letter?.data, 2);
      assert.equal(letter?.attempt, 2);
      assert.equal(letter?.reason, 'attempts');
      assert.equal((letter?.error as Error | undefined)?.message, 'attempt 2');
    },
  ],
  [
    'Drop puts the message to the dead letters at once',
    async (bench) => {
      await bench.put(1, 2);
      const probe = bench.probe({}, ({ delivery, resolve, reject }) =>
        delivery.data === 1 ? reject(new Drop('not for us')) : resolve(),
      );
      await probe.until(() => probe.letters.length > 0, 'a dead letter');
      await bench.settled(1);
      assert.deepEqual(sorted(probe.data), [1, 2]);
      assert.equal(probe.letters[0]?.reason, 'dropped');
      assert.equal(probe.letters[0]?.attempt, 1);
      assert.ok(probe.letters[0]?.error instanceof Drop);
    },
  ],
  [
    'a handler that throws at once is one that rejects, whatever it throws',
    async (bench) => {
      await bench.put(1);
      const probe = bench.probe({}, (got) => {
        if (got.delivery.attempt > 2) got.resolve();
        else if (got.delivery.attempt === 2) got.reject(undefined);
        else throw new Error('at once');
      });
      await probe.next(2);
      await bench.settled(0);
      assert.deepEqual(
        probe.got.map(({ delivery }) => delivery.attempt),
        [1, 2, 3],
      );
    },
  ],
  [
    'what cannot be read as a message lies with the dead letters, no handler gets it, and the others go on',
    async (bench) => {
      await bench.put(1);
      await bench.rig.putMalformed?.();
      await bench.put(2);
      const probe = bench.probe({}, resolveAll);
      await probe.next(1);
      await probe.until(() => probe.letters.length > 0, 'a dead letter');
      await bench.settled(1);
      assert.deepEqual(probe.data, [1, 2]);
      assert.equal(probe.letters[0]?.reason, 'malformed');
      assert.equal(probe.letters[0]?.attempt, 0);
      assert.equal(probe.letters[0]?.data, undefined);
      assert.equal(codeOf(probe.letters[0]?.error), 'OFFLOOP_MALFORMED_MESSAGE');
    },
    'putMalformed',
  ],
];
