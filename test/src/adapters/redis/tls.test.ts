import { once } from 'node:events';
import { createServer as createPlain, type AddressInfo, type Server } from 'node:net';
import { createServer as createTls } from 'node:tls';

import { redisList, RedisListError } from 'offloop/redis';
import { describe, expect, test } from 'vitest';

import { hasRedis, RedisServer } from '../../redis/server.js';
import { failureOf } from '../../threads/support.js';
import { key } from './support.js';

/** What a list says of a server that is not as the url has it. */
async function told(url: string): Promise<string> {
  await using list = redisList<number>({ key, url });
  const error = await failureOf(list.put(1));
  expect(error).toBeInstanceOf(RedisListError);
  return error.message;
}

async function withPort<T>(server: Server, work: (port: number) => Promise<T>): Promise<T> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

const asked = /; TLS was asked for \(rediss:\/\/, .*check that this port speaks it \(else the url begins with redis:/;
const missing =
  /; it ended the connection before .*check whether this port speaks TLS \(then the url begins with rediss:/;

describe.runIf(hasRedis)('redisList with rediss:// to a Redis that does not speak TLS', () => {
  test('says so, when it has waited in vain', async () => {
    await using redis = await RedisServer.open();
    const message = await told(redis.url.replace('redis:', 'rediss:'));
    expect(message).toMatch(/^redisList 'queue': Redis did not answer within 5000 ms; /);
    expect(message).toMatch(asked);
  });
});

test('a server that hangs up on a client with TLS: the error says that TLS was asked for', async () => {
  const ender = createPlain((socket) => socket.end());
  const message = await withPort(ender, (port) => told(`rediss://127.0.0.1:${port}`));
  expect(message).toMatch(/^redisList 'queue' cannot reach Redis: .*TLS/);
  expect(message).toMatch(asked);
});

test('redis:// to a port that speaks TLS: the error says what the url should be', async () => {
  const message = await withPort(createTls(), (port) => told(`redis://127.0.0.1:${port}`));
  expect(message).toMatch(/^redisList 'queue' cannot reach Redis: /);
  expect(message).toMatch(missing);
});

test.each(['redis://127.0.0.1', 'rediss://127.0.0.1', 'rediss://localhost'])(
  '%s, where nobody listens: the error says nothing of TLS',
  async (host) => {
    const port = await withPort(createPlain(), async (free) => free);
    expect(await told(`${host}:${port}`)).toMatch(/: (connect )?ECONNREFUSED( \S+:\d+)?$/);
  },
);

test('a list that is closed while it connects says nothing of TLS', async () => {
  let heard: () => void = () => {};
  const hello = new Promise<void>((resolve) => (heard = resolve));
  const silent = createPlain((socket) => void socket.on('error', () => {}).once('data', heard));
  await withPort(silent, async (port) => {
    const list = redisList<number>({ key, url: `redis://127.0.0.1:${port}` });
    const failure = failureOf(list.put(1));
    await hello;
    await list.close();
    expect((await failure).message).toMatch(/^redisList 'queue' cannot reach Redis: Connection is closed\.$/);
  });
});
