// offloop/sqlite: a queue in a file, for one machine.
export { SqliteMissingError, SqliteQueueError } from './adapters/sqlite/errors.ts';
export type { SqliteQueueOptions } from './adapters/sqlite/options.ts';
export { sqliteQueue, type SqliteQueue } from './adapters/sqlite/queue.ts';
export type { Counts as SqliteQueueStats } from './adapters/sqlite/wire.ts';
