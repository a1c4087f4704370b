import type { SourceName } from './plan.ts';
import type { RedisServer } from './redis-server.ts';
import { openBullmq } from './stocks/bullmq.ts';
import { openList } from './stocks/list.ts';
import { openSqlite } from './stocks/sqlite.ts';

/** What is in a queue, and not done. */
export interface Counts {
  /** Messages that can be taken. */
  readonly waiting: number;
  /** Those, and messages that wait for whatever else, and those that a consumer has, or had when it died. */
  readonly left: number;
  /** Messages that were given up. */
  readonly dead: number;
}

/** A queue, seen by who fills it and counts what is left in it. */
export interface Stock extends AsyncDisposable {
  /** The URL of its Redis, or the path of its file. */
  readonly at: string;
  /** Where it lies in a Redis, which is its own. */
  readonly redis?: RedisServer;
  put(messages: readonly number[]): Promise<unknown>;
  /** Rejects when it cannot be reached. */
  count(): Promise<Counts>;
}

/** A new, empty queue. */
export const openStock: Readonly<Record<SourceName, () => Promise<Stock>>> = {
  bullmq: openBullmq,
  list: openList,
  naive: openList,
  sqlite: openSqlite,
};
