import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

import { InvalidArgumentError, toBackoff, type Backoff } from '../../index.ts';
import {
  aBoolean,
  aCount,
  aDeadLimit,
  aFunction,
  anything,
  asJson,
  aString,
  readOptions as read,
  wholeMilliseconds,
} from '../read-options.ts';
import type { StorePolicy } from './store.ts';
import type { StoredData, ThreadSettings } from './wire.ts';

export interface SqliteQueueOptions<T> {
  /** Its name in errors and deliveries. Default: the file's, without its ending. */
  readonly name?: string;
  /** Deliveries that a message gets before it is given up. Default 3. */
  readonly attempts?: number;
  /** The wait between them. Default: a second, doubled each time, up to a minute. */
  readonly backoff?: Backoff;
  /** Messages that the file holds, those under way and those that wait for another attempt too; then `put()` rejects with
   * QueueFullError. Default 1,000,000. */
  readonly limit?: number;
  /**
   * Dead letters that are kept: when one comes, the oldest above that are forgotten. It is this queue's rule; another process that shares the
   * file may have another. Default Infinity: they stay until somebody takes them, and the file grows.
   */
  readonly deadLimit?: number;
  /**
   * Milliseconds after which the messages of a process that was killed are delivered again, by another process or the next one.
   * A thread of the queue's own renews the lease, so a program that is busy does not lose it; one that is stopped as a whole does.
   * At least 100. Default 10,000.
   */
  readonly leaseMs?: number;
  /** Milliseconds until a consumer notices what another process has put in. What this queue has put in, it gets at once. Default 100. */
  readonly pollMs?: number;
  /**
   * Whether `put()` and an acknowledgement wait until the disk has them. Without, they are as safe from a crash of the process, but
   * the last ones before a power cut or a crash of the system may be undone: messages lost, or delivered again. Default true.
   */
  readonly waitForDisk?: boolean;
  /** Makes what lies in the file. Default `JSON.stringify`: a Date becomes a string, a Map an empty object. */
  readonly serialize?: (data: T) => StoredData;
  /** The way back; a message for which it throws is malformed, and goes to the dead letters. Default `JSON.parse`. */
  readonly parse?: (stored: StoredData) => T;
}

export interface CompleteOptions<T> {
  readonly settings: ThreadSettings;
  readonly policy: StorePolicy<T>;
  readonly limit: number;
  readonly serialize: (data: T) => StoredData;
}

/** Milliseconds that a step waits while other processes write. */
const busyMs = 5000;

const checks = {
  name: aString,
  attempts: aCount,
  backoff: anything,
  limit: aCount,
  deadLimit: aDeadLimit,
  leaseMs: wholeMilliseconds(100),
  pollMs: wholeMilliseconds(1),
  waitForDisk: aBoolean,
  serialize: aFunction,
  parse: aFunction,
};

/** Check what `sqliteQueue` was given, and fill in the defaults. */
export function readOptions<T>(path: unknown, given: unknown): CompleteOptions<T> {
  const file = fileOf(path);
  const options = read<SqliteQueueOptions<T>>('sqliteQueue', given, checks);
  const queue = options.name ?? file.replace(/^.*[/\\]/, '').replace(/(?<=.)\.[^.]*$/, '');
  const { limit = 1_000_000, deadLimit = Infinity } = options;
  const { leaseMs = 10_000, pollMs = 100, waitForDisk: waitsForDisk = true } = options;
  return {
    settings: { path: file, waitsForDisk, busyMs, limit, deadLimit, leaseMs, pollMs },
    policy: {
      name: queue,
      attempts: options.attempts ?? 3,
      backoff: toBackoff('option backoff of sqliteQueue', options.backoff),
      parse:
        options.parse ??
        ((stored) => JSON.parse(typeof stored === 'string' ? stored : new TextDecoder().decode(stored)) as T),
    },
    limit,
    serialize: options.serialize ?? asJson,
  };
}

function fileOf(path: unknown): string {
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path);
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw new InvalidArgumentError(`sqliteQueue takes the path of a file, or its URL; got ${inspect(path)}`);
  if (path === ':memory:')
    throw new InvalidArgumentError(
      `sqliteQueue takes the path of a file; got ':memory:', for which there is memoryQueue()`,
    );
  return resolve(path.startsWith('file:') ? fileURLToPath(path) : path);
}
