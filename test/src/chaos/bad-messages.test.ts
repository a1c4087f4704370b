import { consume, LoopPool, type DeadLetter } from 'offloop';
import { describe, expect, test } from 'vitest';

import { messages } from '../threads/consume-support.js';
import { until } from '../threads/support.js';
import { orderQueues } from './queues.js';

/** Orders to the job, and how the messages are given up. */
const bad = {
  fail: { attempt: 2, reason: 'attempts', error: { name: 'RangeError', message: 'it failed' } },
  drop: { attempt: 1, reason: 'dropped', error: { name: 'Drop' } },
  exit: { attempt: 2, reason: 'attempts', error: { code: 'OFFLOOP_LOOP_CRASHED', exitCode: 7 } },
  hang: { attempt: 2, reason: 'attempts', error: { code: 'OFFLOOP_TIMEOUT' } },
  block: { attempt: 2, reason: 'attempts', error: { code: 'OFFLOOP_TIMEOUT' } },
  uncloneable: { attempt: 2, reason: 'attempts', error: { code: 'OFFLOOP_NOT_CLONEABLE' } },
};
const malformed = { attempt: 0, reason: 'malformed', error: { code: 'OFFLOOP_MALFORMED_MESSAGE' } };

describe.each(orderQueues)('a consumer of %s', (_, open) => {
  test('gives up what is malformed, fails, ends its thread, hangs or blocks, raises the alarm for each, and goes on', async () => {
    await using queue = await open();
    await using pool = new LoopPool({ size: 2, daemon: true });
    const expected = new Map<string | undefined, object>(Object.entries(bad));
    if (queue.putMalformed !== undefined) expected.set(undefined, malformed);
    await queue.put('before');
    for (const order of Object.keys(bad)) await queue.put(order);
    await queue.putMalformed?.();
    await queue.put('after');
    const letters: DeadLetter<string>[] = [];
    const alarms: unknown[] = [];
    const done: string[] = [];
    // One at a time: what shares a thread with a job that ends it has failed, too.
    await using consumer = consume(queue.source, messages.obey, {
      on: pool,
      concurrency: 1,
      attempts: 2,
      backoff: 0,
      timeout: 250,
      onError: () => {},
      // As the tutorial does with its service: an alarm is a job as any other.
      async onGiveUp(letter) {
        letters.push(letter);
        alarms.push(await messages.obey('alarm'));
      },
    });
    consumer.on('done', ({ data }) => done.push(data));
    await until(() => letters.length === expected.size, 'all that is bad is given up');
    await queue.put('later');
    await until(() => done.includes('later') && done.includes('after'), 'what is good is done');
    for (const letter of letters) expect(letter).toMatchObject(expected.get(letter.data) as object);
    expect(new Set(letters.map(({ data }) => data))).toEqual(new Set(expected.keys()));
    await consumer.drain();
    expect(done.toSorted()).toEqual(['after', 'before', 'later']);
    expect(alarms).toEqual(letters.map(() => 'done alarm'));
    expect(await queue.count()).toEqual({ left: 0, dead: expected.size });
    await consumer.close();
    // The job that hangs is in there still.
    await pool.close({ mode: 'terminate' });
  });
});
