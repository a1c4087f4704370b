import { inspect } from 'node:util';

import { Redis } from 'ioredis';

import { InvalidArgumentError, toBackoff, type Backoff } from '../../index.ts';
import {
  aCount,
  aDeadLimit,
  aFunction,
  anything,
  asJson,
  aString,
  readOptions,
  wholeMilliseconds,
} from '../read-options.ts';
import { connectionOptions } from './connection.ts';
import { defaultPrefix, keysOf, type Keys } from './keys.ts';

export interface RedisListOptions<T> {
  /** The list that the producers fill: `redis-cli lpush queue 5`. It is the deliveries' name, too. */
  readonly key: string;
  /** Where Redis is; `rediss://` for TLS. Default `redis://127.0.0.1:6379`. */
  readonly url?: string;
  /** In place of `url`, an ioredis client: connections of our own are made with its options. It is left as it is. */
  readonly client?: Redis;
  /** Reads a payload; one for which it throws is malformed, and goes to the dead letters. Default `JSON.parse`: `5` is the number 5. */
  readonly parse?: (text: string) => T;
  /** The way back, for `put()`. Default `JSON.stringify`: a Date becomes a string, a Map an empty object. */
  readonly serialize?: (data: T) => string;
  /**
   * `'at-least-once'`: a message is gone only when its handler resolved, or it lies with the dead letters. `'at-most-once'`: it is
   * gone from Redis when it is taken, as with `BRPOP`: what a process had in hand when it ended is lost. Default `'at-least-once'`.
   */
  readonly mode?: 'at-least-once' | 'at-most-once';
  /** The end of the list from which messages are taken. Default `'right'`, for producers that use `LPUSH`. */
  readonly from?: 'right' | 'left';
  /** Of the keys that the list has beside its own. Default `{key}:offloop:`, which a cluster keeps with the list. */
  readonly prefix?: string;
  /** Deliveries that a message gets before it is given up. Default 3, and 1 with `'at-most-once'`. */
  readonly attempts?: number;
  /** The wait between them. Default: a second, doubled each time, up to a minute. */
  readonly backoff?: Backoff;
  /**
   * Dead letters that are kept: when one comes, the oldest above that are forgotten. It is this consumer's rule; others of the list may have
   * another. Default Infinity: they stay until somebody takes them, in the memory of Redis.
   */
  readonly deadLimit?: number;
  /**
   * Milliseconds for which a consumer that is silent keeps its messages; it shows three times as often. Those of one that was killed are
   * delivered again after that time and up to two thirds more. At least 300. Default 10,000.
   */
  readonly leaseMs?: number;
}

/** What all parts of a list know. */
export interface Settings {
  readonly name: string;
  readonly key: string;
  readonly keys: Keys;
  readonly connect: () => Redis;
  /** Messages stay in Redis while they are with a handler. */
  readonly holds: boolean;
  readonly leaseMs: number;
  readonly deadLimit: number;
  /** The commands that take from the head of the line, push there, and push to its end. */
  readonly pop: 'RPOP' | 'LPOP';
  readonly push: 'RPUSH' | 'LPUSH';
  readonly append: 'lpush' | 'rpush';
  readonly head: 'RIGHT' | 'LEFT';
}

export interface Policy<T> {
  readonly attempts: number;
  readonly backoff: (attempt: number, error: unknown) => number;
  readonly parse: (text: string) => T;
  readonly serialize: (data: T) => string;
}

const what = 'redisList';

const checks = {
  key: [(value: unknown) => typeof value === 'string' && value !== '', 'the key of a list'],
  url: aString,
  client: [isClient, 'an ioredis client'],
  parse: aFunction,
  serialize: aFunction,
  mode: oneOf('at-least-once', 'at-most-once'),
  from: oneOf('right', 'left'),
  prefix: aString,
  attempts: aCount,
  backoff: anything,
  deadLimit: aDeadLimit,
  leaseMs: wholeMilliseconds(300),
} as const;

/** Check what `redisList` was given, and fill in the defaults. */
export function readListOptions<T>(given: unknown): { readonly settings: Settings; readonly policy: Policy<T> } {
  const options = readOptions<RedisListOptions<T>>(what, given ?? {}, checks);
  const { key, client, from = 'right', mode = 'at-least-once', leaseMs = 10_000, deadLimit = Infinity } = options;
  if (key === undefined)
    throw new InvalidArgumentError(
      `redisList needs the option key: the list to take messages from, as { key: 'queue' }`,
    );
  if (client !== undefined && options.url !== undefined)
    throw new InvalidArgumentError(`redisList takes either client or url; got both`);
  const connect = connector(client, options.url ?? 'redis://127.0.0.1:6379');
  const holds = mode === 'at-least-once';
  const isRight = from === 'right';
  return {
    settings: {
      name: `redisList '${key}'`,
      key,
      keys: keysOf(key, options.prefix ?? defaultPrefix(key)),
      connect,
      holds,
      leaseMs,
      deadLimit,
      pop: isRight ? 'RPOP' : 'LPOP',
      push: isRight ? 'RPUSH' : 'LPUSH',
      append: isRight ? 'lpush' : 'rpush',
      head: isRight ? 'RIGHT' : 'LEFT',
    },
    policy: {
      attempts: options.attempts ?? (holds ? 3 : 1),
      backoff: toBackoff('option backoff of redisList', options.backoff),
      parse: options.parse ?? ((text) => JSON.parse(text) as T),
      serialize: options.serialize ?? asJson,
    },
  };
}

function connector(client: Redis | undefined, url: string): () => Redis {
  if (client !== undefined) return () => client.duplicate(connectionOptions);
  if (!/^(rediss?|unix):\/\/|^\//.test(url))
    throw new InvalidArgumentError(
      `option url of redisList must be as redis://127.0.0.1:6379 (rediss:// for TLS); got ${inspect(url)}`,
    );
  return () => new Redis(url, connectionOptions);
}

function isClient(value: unknown): boolean {
  const client = value as Partial<Redis> | null;
  return typeof client === 'object' && client !== null && typeof client.duplicate === 'function';
}

function oneOf(...values: readonly string[]): readonly [(value: unknown) => boolean, string] {
  return [(value) => values.includes(value as string), `one of ${values.map((each) => `'${each}'`).join(', ')}`];
}
