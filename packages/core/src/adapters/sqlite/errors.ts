import { isBuiltin } from 'node:module';

import { OffloopError } from '../../index.ts';

/** This Node.js has no `node:sqlite`. */
export class SqliteMissingError extends OffloopError {
  static {
    Object.defineProperty(this.prototype, 'name', { value: 'SqliteMissingError' });
  }

  constructor() {
    super(
      'OFFLOOP_SQLITE_MISSING',
      `sqliteQueue needs node:sqlite, which this Node.js (${process.version}) does not have; it comes with Node 22.13 and up. Ways out: a newer Node.js; ` +
        "memoryQueue of 'offloop', whose messages are lost with the process; or a Redis: 'offloop/redis', 'offloop/bullmq'",
    );
  }
}

/** The file of a queue cannot be used; the message says why, `cause` is SQLite's error where it is one, with its `errcode`. */
export class SqliteQueueError extends OffloopError {
  static {
    Object.defineProperty(this.prototype, 'name', { value: 'SqliteQueueError' });
  }

  constructor(message: string, options?: ErrorOptions) {
    super('OFFLOOP_SQLITE_QUEUE', message, options);
  }
}

/** Asking does not load it: only a queue's thread does, and hears its warning that it is experimental. */
export function mustHaveSqlite(): void {
  if (!isBuiltin('node:sqlite')) throw new SqliteMissingError();
}
