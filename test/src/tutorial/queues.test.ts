import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { hasRedis, RedisServer } from '../redis/server.ts';
import { timed } from '../timed.ts';
import { expectConcurrent, runWell, type ExampleOptions } from './run-example.ts';

/** 128 and the number of SIGINT. */
const interrupted = 130;

let server: RedisServer | undefined;
beforeAll(async () => {
  if (hasRedis) server = await RedisServer.open();
});
afterAll(async () => server?.[Symbol.asyncDispose]());

let keys = 0;
const aKey = (): string => `queue${++keys}`;

/** The master-worker programs are the same wherever the messages are. */
const places: { readonly place: string; readonly options: () => ExampleOptions }[] = [
  { place: 'in memory', options: () => ({}) },
  ...(hasRedis
    ? [
        {
          place: 'of a Redis list',
          options: () => ({ env: { REDIS_URL: server?.url ?? '', QUEUE_KEY: aKey() } }),
        },
      ]
    : []),
];

const oneByOne = [
  'Waiting 2',
  'Done 2',
  'Waiting 5',
  'Waiting 1',
  'Done 1',
  'Waiting 1',
  'Done 1',
  'Done 5',
  'TIME:  #',
];

describe.each(places)('with messages $place', ({ options }) => {
  test('S22: they are worked on as they are pushed, and all at once when they come all at once', timed, async () => {
    const { lines, times } = await runWell('s22-master-worker', 0, options());
    const atOnce = [
      'Waiting 2',
      'Waiting 5',
      'Waiting 1',
      'Waiting 1',
      'Done 1',
      'Done 1',
      'Done 2',
      'Done 5',
      'TIME:  #',
    ];
    expect(lines).toEqual([...oneByOne, ...atOnce]);
    expectConcurrent(times[1], [2, 5, 1, 1]);
  });

  test(
    'S23: Ctrl-C stops the intake, what was taken is finished, the loop is closed, and the rest is left',
    timed,
    async () => {
      const { lines } = await runWell('s23-ctrl-c-worker', interrupted, options());
      const stopped = 'No more messages are taken';
      expect(lines.filter((line) => line !== stopped)).toEqual([
        'Waiting 1',
        'Waiting 5',
        'Done 1',
        'Done 5',
        'Left in the queue:  1',
        'The loop is closed',
      ]);
      expect(lines.indexOf(stopped)).toBeGreaterThan(lines.indexOf('Waiting 5'));
      expect(lines.indexOf(stopped)).toBeLessThan(lines.indexOf('Done 5'));
    },
  );

  test('S27: they are worked on at once, so that the first and longest is done last', timed, async () => {
    const { lines, times } = await runWell('s27-brpop', 0, options());
    expect(lines.slice(0, 3)).toEqual(['Waiting 5', 'Waiting 1', 'Waiting 1']);
    // The two short ones run side by side: their lines may mix.
    expect(lines.slice(3, 9).sort()).toEqual(['1 It works', '1 It works', '200', '200', 'Done 1', 'Done 1']);
    expect(lines.slice(9)).toEqual(['200', '5 It works', 'Done 5', 'TIME:  #']);
    // Less than the sum is enough to tell: one after the other can take no less.
    expectConcurrent(times[0], [5, 1, 1], 0.98);
  });

  test('S28: two consumers share them, and Ctrl-C cancels both', timed, async () => {
    const { lines, times } = await runWell('s28-consumers', interrupted, options());
    expect(lines).toEqual([
      'Start worker',
      'Start worker',
      'Wait  2',
      'Wait  3',
      'Done  2 #',
      'Wait  2',
      'Done  3 #',
      'Done  2 #',
      'TIME:  #',
      'true',
    ]);
    expectConcurrent(times[0], [2, 3, 2]);
  });
});

describe.skipIf(!hasRedis)('by hand', () => {
  test('S22: somebody else pushes 2, 5, 1 and 1 to the list, and Ctrl-C ends it', timed, async () => {
    const { url } = server as RedisServer;
    const key = aKey();
    const producer = new Redis(url);
    const { lines } = await runWell('s22-master-worker', interrupted, {
      env: { REDIS_URL: url, QUEUE_KEY: key, BY_HAND: '1' },
      async hands({ prints, pressCtrlC }) {
        await producer.lpush(key, 2);
        await prints('Done 2');
        await producer.lpush(key, 5, 1);
        await prints('Done 1');
        await producer.lpush(key, 1);
        await prints('Waiting 1');
        await prints('Waiting 1');
        pressCtrlC();
      },
    });
    expect(lines).toEqual(oneByOne);
    expect(await producer.llen(key)).toBe(0);
    producer.disconnect();
  });
});
