// Many open a new file at the same time: whoever looks at it while another makes it a queue must not see half of both.
import { openDatabase, transact, type Database } from 'offloop-internal/adapters/sqlite/database.js';
import { SqliteFile } from 'offloop-internal/adapters/sqlite/file.js';
import { isQueue, makeQueue, WrongFileError } from 'offloop-internal/adapters/sqlite/schema.js';
import { describe, expect, test } from 'vitest';

import { thrownBy } from '../../threads/support.js';
import { Folder, hasSqlite } from './support.js';

/** Another process makes the file a queue, in one transaction, as all do. */
function makeThere(folder: Folder): void {
  const there = openDatabase(folder.file);
  transact(
    there,
    () => there.exec('BEGIN IMMEDIATE'),
    () => makeQueue(there),
  );
  there.close();
}

/** A database in which `work` happens between the first look at it and the second. */
function betweenLooks(database: Database, work: () => void): Database {
  let looks = 0;
  return {
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
    prepare(sql) {
      if (++looks === 2) work();
      return database.prepare(sql);
    },
  };
}

describe.skipIf(!hasSqlite)('a file that another process makes a queue between two looks at it', () => {
  /** What is seen of it, and whether that is of one moment. */
  function look(inTransaction: boolean): boolean {
    using folder = new Folder();
    const real = openDatabase(folder.file);
    try {
      real.exec('PRAGMA journal_mode = WAL');
      const database = betweenLooks(real, () => makeThere(folder));
      if (!inTransaction) return isQueue(database);
      const found = transact(
        database,
        () => database.exec('BEGIN'),
        () => isQueue(database),
      );
      expect(isQueue(real)).toBe(true);
      return found;
    } finally {
      real.close();
    }
  }

  test('is empty still, or a queue already, to who looks in a transaction', () => {
    expect(look(true)).toBe(false);
    // Why a transaction is needed.
    expect(thrownBy(() => look(false))).toBeInstanceOf(WrongFileError);
  });

  test('is opened', () => {
    using folder = new Folder();
    const open = process.getBuiltinModule('node:sqlite' as 'node:fs') as unknown as {
      DatabaseSync: { prototype: Database };
    };
    const { prototype } = open.DatabaseSync;
    // oxlint-disable-next-line typescript/unbound-method -- called with its database
    const { prepare } = prototype;
    let looks = 0;
    prototype.prepare = function (sql) {
      if (++looks === 2) {
        prototype.prepare = prepare;
        makeBeside(folder);
      }
      return prepare.call(this, sql);
    };
    const file = new SqliteFile(folder.file, false, 1000);
    try {
      expect(file.read(({ messages }) => messages.size)).toBe(0);
    } finally {
      prototype.prepare = prepare;
      file.close();
    }
  });
});

/** As far as it gets: where the other holds a lock, it makes nothing. */
function makeBeside(folder: Folder): void {
  try {
    makeThere(folder);
  } catch {
    // The file is locked.
  }
}
