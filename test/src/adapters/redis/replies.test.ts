import { Drop, type Delivery } from 'offloop';
import { describe, expect, test } from 'vitest';

import { timed } from '../../timed.js';
import { ReplyDropper } from '../../../../packages/examples/dist/chaos/reply-dropper.js';
import { hasRedis } from '../../redis/server.js';
import { eventually, ListRig } from './support.js';

/** Six messages: 2 fails once, 4 is dropped, 5 fails always, the others are done. */
async function work({ data, attempt }: Delivery<number>): Promise<void> {
  if (data === 4) throw new Drop('not for us');
  if (data === 5 || (data === 2 && attempt === 1)) throw new Error('no luck');
}

/** Work through six messages behind the proxy, and expect that each has had what it should. */
async function worksThrough(rig: ListRig, url: string): Promise<void> {
  const [list, ours] = [rig.list(), rig.list({ url, leaseMs: 600 })];
  await rig.push(1, 2, 3, 4, 5, 6);
  const intake = rig.consume(work, { concurrency: 2, attempts: 2, backoff: (attempt) => attempt * 5 }, ours);
  await eventually(async () => {
    const { waiting, delayed, held } = await list.stats();
    return waiting + delayed + held === 0 && new Set(rig.seen.map(({ data }) => data)).size === 6;
  }, 'all is done');
  await eventually(() => rig.letters.length === 2, 'both letters are told');
  await intake.close();
  const letters = (await list.deadLetters()).map(({ data, reason, attempt }) => `${data} ${reason} ${attempt}`);
  expect(new Set(letters)).toEqual(new Set(['4 dropped 1', '5 attempts 2']));
  // No reply that was lost has cost an attempt, or a second delivery.
  const seen = rig.seen.map(({ data, attempt }) => `${data}:${attempt}`);
  expect(seen.toSorted()).toEqual(['1:1', '2:1', '2:2', '3:1', '4:1', '5:1', '5:2', '6:1']);
  expect(await list.stats()).toEqual({ waiting: 0, delayed: 0, held: 0, dead: 2 });
}

describe.runIf(hasRedis)('redisList, when replies are lost after Redis has done what was asked', () => {
  test('nothing is lost, done twice or stuck, whichever reply it is', async () => {
    for (let number = 1, requests = Infinity; number <= requests; number++) {
      await using rig = await ListRig.open();
      await using proxy = await ReplyDropper.open(rig.redis.port, { loses: (_, each) => each === number });
      await worksThrough(rig, proxy.url).catch((error: Error) => {
        throw new Error(`when reply number ${number} is lost: ${error.message}`, { cause: error });
      });
      if (proxy.count === 0) break;
      expect(rig.errors.length).toBeLessThanOrEqual(1);
      requests = proxy.requests;
    }
  }, 60_000);

  test.each<['cut' | 'silent', number]>([
    ['cut', 3],
    ['cut', 5],
    ['silent', 4],
  ])(
    'nor when the connection is %s with each reply number %i',
    async (ending, every) => {
      await using rig = await ListRig.open();
      await using proxy = await ReplyDropper.open(rig.redis.port, {
        ending,
        loses: (_, number) => number > 0 && number % every === 0,
      });
      await worksThrough(rig, proxy.url);
      expect(proxy.count).toBeGreaterThan(0);
    },
    30_000,
  );

  test('a connection that Redis does not greet is given up, and another one is made', async () => {
    await using rig = await ListRig.open();
    let greetings = 0;
    await using proxy = await ReplyDropper.open(rig.redis.port, {
      ending: 'silent',
      loses: (command) => command === 'info' && greetings++ === 0,
    });
    rig.consume(undefined, {}, rig.list({ url: proxy.url }));
    await rig.push(1);
    await eventually(() => rig.seen.length === 1, 'it is delivered');
    expect([proxy.dropped.has('info'), rig.errors.map(({ message }) => message)]).toEqual([
      true,
      ["redisList 'queue': Redis did not answer within 5000 ms"],
    ]);
  });

  test(
    'a blocked command whose reply never comes delays a message by a beat, and does not lose it',
    timed,
    async () => {
      await using rig = await ListRig.open();
      let blocked = 0;
      await using proxy = await ReplyDropper.open(rig.redis.port, {
        ending: 'silent',
        loses: (command) => command === 'blmove' && ++blocked > 0,
      });
      rig.consume(undefined, {}, rig.list({ url: proxy.url, leaseMs: 900 }));
      await eventually(() => blocked > 0, 'it waits');
      const since = performance.now();
      await rig.push(1);
      await eventually(() => rig.seen.length === 1, 'it is delivered');
      expect(performance.now() - since).toBeLessThan(2000);
      expect([...proxy.dropped]).toEqual([['blmove', 1]]);
    },
  );
});
