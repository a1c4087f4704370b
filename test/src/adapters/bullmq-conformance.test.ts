import { Queue } from 'bullmq';
import { bullmqSource } from 'offloop/bullmq';
import { sourceConformance, type SourceFault, type SourceRig } from 'offloop/testing';
import { describe, test } from 'vitest';

import { hasRedis, RedisServer } from '../redis/server.js';
import { quick } from './bullmq-rig.js';

/** A queue on a Redis of its own. */
async function makeRig(): Promise<SourceRig> {
  const redis = await RedisServer.open();
  const connection = { url: redis.url };
  const queue = new Queue('conformance', { connection });
  queue.on('error', () => {});
  const { client: opened } = queue.getBackend();
  const client = await opened;
  return {
    open: () => bullmqSource<number>('conformance', { connection, worker: quick }),
    put: async (data) => void (await queue.add('number', data)),
    async count() {
      const { waiting = 0, delayed = 0, failed = 0 } = await queue.getJobCounts('waiting', 'delayed', 'failed');
      return { waiting: waiting + delayed, dead: failed };
    },
    async putMalformed() {
      await queue.pause();
      const job = await queue.add('number', 0);
      await client.hset(queue.toKey(job.id as string), { data: '{"half":' });
      await queue.resume();
    },
    async loseLeases() {
      const active = await client.runCommand('lrange', [queue.toKey('active'), '0', '-1']);
      for (const id of active as string[]) await client.del(`${queue.toKey(id)}:lock`);
    },
    async cut() {
      await redis.kill();
      return () => redis.start();
    },
    async close() {
      await queue.getBackend().close(true);
      await redis[Symbol.asyncDispose]();
    },
  };
}

const faults: SourceFault[] = ['putMalformed', 'loseLeases', 'cut'];

describe.runIf(hasRedis)('bullmqSource keeps what every source promises', () => {
  test.each(sourceConformance(makeRig, { faults }))('$name', ({ run }) => run());
});
