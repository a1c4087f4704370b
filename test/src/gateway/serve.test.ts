import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { timed } from '../timed.js';
import { hasRedis, RedisServer } from '../redis/server.js';
import { Program, summaryOfServing } from './program.js';
import { SmsService } from './sms-service.js';

describe.skipIf(!hasRedis)('the gateway with REDIS_URL', () => {
  let server: RedisServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await RedisServer.open();
    redis = new Redis(server.url);
  });
  beforeEach(async () => void (await redis.flushall()));
  afterEach(() => Program.endAll());
  afterAll(async () => {
    redis.disconnect();
    await server[Symbol.asyncDispose]();
  });

  function gateway(service: SmsService, ...args: readonly string[]): Program {
    return new Program({ REDIS_URL: server.url }, '--service', service.url, ...args);
  }

  test('sends what producers push to the list, each as a call of its own, until Ctrl-C', async () => {
    await using service = await SmsService.open();
    await redis.lpush('queue', 0.01, 0.02);
    const program = gateway(service);
    await program.prints(`serving list 'queue' at 127.0.0.1:${server.port}`);
    await redis.lpush('queue', JSON.stringify({ id: 7, to: '+49', text: 'Hello' }));
    await service.until(() => service.sent.length === 3);
    program.signal('SIGINT');
    const ending = await program.ended();
    expect({ code: ending.code, stderr: ending.stderr }).toEqual({ code: 130, stderr: '' });
    expect(ending.stdout).toContain('stopped by SIGINT');
    expect(summaryOfServing(ending)).toEqual({
      sent: 3,
      givenUp: 0,
      alerts: 0,
      failed: 0,
      givenBack: 0,
      lost: 0,
      waiting: 0,
    });
    expect(service.sent.map(({ path }) => path).sort()).toEqual(['/7', '/wait/0.01', '/wait/0.02']);
    expect(new Set(service.sent.map(({ key }) => key)).size, 'an idempotency key each').toBe(3);
    expect(ending.stdout).not.toContain('\x1b');
  });

  test('Ctrl-C ends what is in flight and leaves the rest in the list, for the next one', timed, async () => {
    await using service = await SmsService.open();
    await redis.lpush('queue', 0.3, 0.4, 0.01, 0.01, 0.01);
    const first = gateway(service, '--concurrency', '2');
    await service.until(() => service.begun.length === 2);
    first.signal('SIGINT');
    const ending = await first.ended();
    expect(ending.code).toBe(130);
    expect(summaryOfServing(ending)).toMatchObject({ sent: 2, failed: 0, givenBack: 0, waiting: 3 });
    expect(service.sent.map(({ path }) => path)).toEqual(['/wait/0.3', '/wait/0.4']);
    expect(await redis.lrange('queue', 0, -1)).toEqual(['0.01', '0.01', '0.01']);
    const next = gateway(service);
    await service.until(() => service.sent.length === 5);
    next.signal('SIGTERM');
    expect((await next.ended()).code).toBe(143);
    expect(service.begun).toHaveLength(5);
  });

  test('a second Ctrl-C gives back what is in flight, and ends it at once', timed, async () => {
    await using service = await SmsService.open();
    await redis.lpush('queue', 60);
    const program = gateway(service);
    await service.until(() => service.begun.length === 1);
    program.signal('SIGINT');
    await program.prints('no more messages are taken');
    program.signal('SIGINT');
    const ending = await program.ended();
    expect({ code: ending.code, stderr: ending.stderr }).toEqual({ code: 130, stderr: '' });
    expect(ending.ms).toBeLessThan(1500);
    expect(summaryOfServing(ending)).toMatchObject({ sent: 0, failed: 0, givenBack: 1, waiting: 1 });
    const next = gateway(service);
    await service.until(() => service.begun.length === 2);
    const [first, second] = service.begun;
    expect(second?.key, 'the same message, with its key').toBe(first?.key);
    next.signal('SIGTERM');
    await next.prints('no more messages are taken');
    next.signal('SIGINT');
    expect((await next.ended()).code).toBe(130);
  });

  test('what has not ended when the grace is over is given back', timed, async () => {
    await using service = await SmsService.open();
    await redis.lpush('queue', 60, 0.05);
    const program = gateway(service, '--grace', '0.2');
    await service.until(() => service.begun.length === 2);
    program.signal('SIGINT');
    const ending = await program.ended();
    expect({ code: ending.code, stderr: ending.stderr }).toEqual({ code: 130, stderr: '' });
    expect(summaryOfServing(ending)).toMatchObject({ sent: 1, failed: 0, givenBack: 1, waiting: 1 });
  });

  test.each(['list', 'bullmq'])(
    'what a gateway had that was killed is sent by the next, with the same key (%s)',
    async (engine) => {
      await using service = await SmsService.open();
      const args = ['--engine', engine, '--lease', '1'];
      await redis.lpush('queue', 1.5, 1.5);
      const killed = gateway(service, ...args);
      await service.until(() => service.begun.length === 2);
      killed.signal('SIGKILL');
      await killed.ended();
      const next = gateway(service, ...args);
      await service.until(() => service.begun.length === 4 && service.sent.length >= 2);
      next.signal('SIGINT');
      expect(summaryOfServing(await next.ended())).toMatchObject({ sent: 2, failed: 0, givenBack: 0, waiting: 0 });
      const keys = service.begun.map(({ key }) => key);
      expect(keys.slice(2).sort()).toEqual(keys.slice(0, 2).sort());
    },
  );

  test('two gateways share the list: of 200 messages each is sent once', async () => {
    await using service = await SmsService.open();
    const programs = [gateway(service, '--concurrency', '4'), gateway(service, '--concurrency', '4')];
    await Promise.all(programs.map((program) => program.prints('serving list')));
    // Seconds that differ, so that a message is known by its path.
    const messages = Array.from({ length: 200 }, (_, index) => String((index + 1) / 1e5));
    await redis.lpush('queue', ...messages);
    await service.until(() => service.sent.length >= 200);
    for (const program of programs) program.signal('SIGINT');
    const summaries = await Promise.all(programs.map(async (program) => summaryOfServing(await program.ended())));
    expect(service.begun.map(({ path }) => path).sort()).toEqual(
      messages.map((each) => `/wait/${Number(each)}`).sort(),
    );
    expect(summaries.reduce((sum, { sent }) => sum + sent, 0)).toBe(200);
    for (const { sent } of summaries) expect(sent).toBeGreaterThan(0);
    expect(await redis.llen('queue')).toBe(0);
  });

  test('a message that fails is tried again, then given up, and the alert is raised; so is one that nobody can read', async () => {
    await using service = await SmsService.open();
    await redis.lpush('queue', '{"id":25}', '{"id":404}', 'hello', '-1', '{"to":"nobody"}', '{"id":1}');
    const program = gateway(service, '--attempts', '2', '--backoff', '0.01');
    await service.until(() => service.alerts.length === 5 && service.sent.length === 1);
    program.signal('SIGINT');
    const ending = await program.ended();
    expect(summaryOfServing(ending)).toEqual({
      sent: 1,
      givenUp: 5,
      alerts: 5,
      failed: 5,
      givenBack: 0,
      lost: 0,
      waiting: 0,
    });
    const { begun } = service;
    expect(begun.map(({ path }) => path).sort()).toEqual(['/1', '/25', '/25', '/404']);
    const [first, second] = begun.filter(({ path }) => path === '/25');
    expect(second?.key, 'the key of a message stays').toBe(first?.key);
    expect(ending.stdout).toContain('given up after 2 attempts: { id: 25 }');
    expect(ending.stdout).toContain('the service failed (500)');
    expect(ending.stdout).toContain('the service refused it for good (404)');
    expect(ending.stdout).toContain("given up after 0 attempts: 'hello'");
    expect(ending.stdout).toContain('not a message: it must be a number of seconds from 0 to 60');
  });

  test('without a service it has one of its own, which refuses some', async () => {
    await redis.lpush('queue', 0, '{"id":1}', '{"id":25}');
    const program = new Program({ REDIS_URL: server.url }, '--attempts', '1');
    await program.prints('2 sent, 1 given up');
    program.signal('SIGINT');
    expect(summaryOfServing(await program.ended())).toMatchObject({ sent: 2, givenUp: 1, alerts: 1, failed: 1 });
  });

  test('when Redis is not there it says so, tries on, and serves when it comes', async () => {
    await using late = await RedisServer.open({ started: false });
    await using service = await SmsService.open();
    const program = new Program({ REDIS_URL: late.url }, '--service', service.url);
    await program.prints('the queue cannot be reached, trying again:');
    await late.start();
    await program.prints('serving list');
    const producer = new Redis(late.url);
    await producer.lpush('queue', 0);
    await service.until(() => service.sent.length === 1);
    producer.disconnect();
    program.signal('SIGINT');
    const ending = await program.ended();
    expect({ code: ending.code, stderr: ending.stderr }).toEqual({ code: 130, stderr: '' });
    expect(ending.stdout.match(/cannot be reached/g)).toHaveLength(1);
  });

  test('Ctrl-C while Redis is not there ends it in peace', timed, async () => {
    await using late = await RedisServer.open({ started: false });
    const program = new Program({ REDIS_URL: late.url });
    await program.prints('the queue cannot be reached, trying again:');
    program.signal('SIGINT');
    const { code, stdout, stderr, ms } = await program.ended();
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(ms).toBeLessThan(1000);
    expect(stdout).toContain('cannot be asked what waits there');
  });

  test('with --engine bullmq, what is pushed to the list moves into the queue, and two gateways share that', async () => {
    await using service = await SmsService.open();
    const args = ['--engine', 'bullmq', '--key', 'sms', '--concurrency', '4', '--attempts', '2', '--backoff', '0.01'];
    const programs = [gateway(service, ...args), gateway(service, ...args)];
    await Promise.all(programs.map((program) => program.prints("serving BullMQ queue 'sms'")));
    await redis.lpush('sms', ...Array.from({ length: 50 }, () => '0.01'), '{"id":25}', 'hello');
    await service.until(() => service.sent.length >= 50 && service.alerts.length === 2);
    for (const program of programs) program.signal('SIGINT');
    const endings = await Promise.all(programs.map((program) => program.ended()));
    for (const { code, stderr } of endings) expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    const summaries = endings.map(summaryOfServing);
    expect(summaries.reduce((sum, { sent }) => sum + sent, 0)).toBe(50);
    expect(summaries.reduce((sum, { givenUp }) => sum + givenUp, 0)).toBe(2);
    expect(service.begun).toHaveLength(52);
    expect(new Set(service.begun.map(({ key }) => key)).size).toBe(51);
    expect(await redis.llen('sms')).toBe(0);
  });
});
