import type { Database, Value } from './database.ts';

/*
 * message   what is not done. `owner` is null while it waits, from `due` on (in milliseconds of the wall clock: when it was put in, or its next
 *           attempt); else a consumer has it. `delay` is how far `due` may lie ahead: more than that means that the clock was set back.
 *           `attempt` counts the times that it was taken.
 * consumer  who has messages. `beat` grows as long as its process lives; it is dead when that has stood still for `lease` milliseconds.
 * dead      the dead letters, in the order in which they came there.
 * queue     one row: how many messages there are, since SQLite would have to count.
 */
const schema = `
  CREATE TABLE message (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    data ANY NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL,
    delay INTEGER NOT NULL DEFAULT 0,
    owner INTEGER
  ) STRICT;
  CREATE INDEX message_waiting ON message (due) WHERE owner IS NULL;
  CREATE INDEX message_held ON message (owner) WHERE owner IS NOT NULL;
  CREATE TABLE consumer (
    owner INTEGER PRIMARY KEY,
    lease INTEGER NOT NULL,
    beat INTEGER NOT NULL,
    pid INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE dead (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    data ANY NOT NULL,
    attempt INTEGER NOT NULL,
    reason TEXT NOT NULL,
    error TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX dead_id ON dead (id);
  CREATE TABLE queue (size INTEGER NOT NULL) STRICT;
  INSERT INTO queue VALUES (0);
`;

/** 'offl': how a file of ours is told from others. */
const applicationId = 0x6f_66_66_6c;
const version = 1;

/** The file is no queue, or one of a later offloop: no retry mends that. */
export class WrongFileError extends Error {}

/** Look at what the file is: true for a queue of ours, false for an empty file; throws for anything else. To be run in a transaction. */
export function isQueue(database: Database): boolean {
  const application = pragma(database, 'application_id');
  const found = pragma(database, 'user_version');
  if (application === applicationId) {
    if (found === version) return true;
    throw new WrongFileError(
      `it has format ${String(found)}, of another version of offloop; this one knows format ${version}`,
    );
  }
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() ?? {};
  if (application === 0 && found === 0 && tables === 0) return false;
  throw new WrongFileError('it is a database, but no queue of offloop: a queue wants a file of its own');
}

/** To be run in a transaction. */
export function makeQueue(database: Database): void {
  database.exec(schema);
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`);
}

export function pragma(database: Database, name: string): Value | undefined {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}
