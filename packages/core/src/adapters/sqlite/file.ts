import { statSync } from 'node:fs';

import { openDatabase, ResultCode, resultCode, transact, type Database } from './database.ts';
import { Leases } from './leases.ts';
import { Messages } from './messages.ts';
import { isQueue, makeQueue, pragma, WrongFileError } from './schema.ts';
import type { Failure } from './wire.ts';

/** What lies in the file; good for one transaction. */
export interface Tables {
  readonly messages: Messages;
  readonly leases: Leases;
}

interface Opened extends Tables {
  readonly database: Database;
  /** Which file that is: the path may lead to another one by now. */
  readonly identity: string | undefined;
}

/** No error of the file itself: others write for longer than one wants to wait, or it is another file by now. */
export class FileMovedError extends Error {}

/** The file: opened when it is first used, and again after an error that may be its connection's. It blocks its thread. */
export class SqliteFile {
  readonly #path: string;
  readonly #waitsForDisk: boolean;
  readonly #busyMs: number;
  #opened: Opened | undefined;

  constructor(path: string, waitsForDisk: boolean, busyMs: number) {
    this.#path = path;
    this.#waitsForDisk = waitsForDisk;
    this.#busyMs = busyMs;
  }

  /** Do all of `work` or, when it throws or the file can't be written, nothing of it. */
  write<T>(work: (tables: Tables) => T): T {
    return this.#use((opened) => {
      const { database } = opened;
      return transact(
        database,
        () => this.#patiently(() => database.exec('BEGIN IMMEDIATE')),
        () => work(opened),
      );
    });
  }

  read<T>(work: (tables: Tables) => T): T {
    return this.#use((opened) => this.#patiently(() => work(opened)));
  }

  close(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    try {
      opened?.database.close();
    } catch {
      // What was committed is in the file.
    }
  }

  #use<T>(work: (opened: Opened) => T): T {
    // Others may be making it, mending it after a crash, or closing it for good at this moment.
    this.#opened ??= this.#patiently(() => this.#open());
    // SQLite goes on with a file that was deleted, and what is put there then is gone with the process.
    if (this.#opened.identity !== identityOf(this.#path)) {
      this.close();
      throw new FileMovedError('it was deleted, or replaced by another file');
    }
    try {
      return work(this.#opened);
    } catch (error) {
      if (isOfConnection(error)) this.close();
      throw error;
    }
  }

  #open(): Opened {
    const database = openDatabase(this.#path);
    try {
      prepare(database, this.#waitsForDisk);
      const tables = { messages: new Messages(database), leases: new Leases(database) };
      return { ...tables, database, identity: identityOf(this.#path) };
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** SQLite's own way to wait sleeps ever longer, up to a tenth of a second: next to a busy process that is for ever. */
  #patiently<T>(work: () => T): T {
    const deadline = performance.now() + this.#busyMs;
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (resultCode(error) !== ResultCode.busy || performance.now() >= deadline) throw error;
      }
      Atomics.wait(nothing, 0, 0, 0.5 + Math.random() * 2);
    }
  }
}

const nothing = new Int32Array(new SharedArrayBuffer(4));

function prepare(database: Database, waitsForDisk: boolean): void {
  // All of what is looked at is of one moment: others may be making it a queue just now.
  const isMade = transact(
    database,
    () => database.exec('BEGIN'),
    () => isQueue(database),
  );
  // Before anything is made: a writer then waits for no reader.
  const mode = pragma(database, 'journal_mode = WAL');
  if (mode !== 'wal')
    throw new WrongFileError(`its file system gives it journal mode ${String(mode)} in place of wal: use a local disk`);
  // A burst of messages must not leave a log of its size for ever.
  database.exec(`PRAGMA journal_size_limit = ${2 ** 26}; PRAGMA synchronous = ${waitsForDisk ? 'FULL' : 'NORMAL'}`);
  if (isMade) return;
  transact(
    database,
    () => database.exec('BEGIN IMMEDIATE'),
    () => {
      // Another process may have been faster.
      if (!isQueue(database)) makeQueue(database);
    },
  );
}

function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

const ofConnection = new Set<number | undefined>([
  ResultCode.readOnly,
  ResultCode.ioError,
  ResultCode.corrupt,
  ResultCode.cannotOpen,
  ResultCode.notADatabase,
]);

const ofStep = new Set<number | undefined>([ResultCode.tooBig, ResultCode.constraint, ResultCode.mismatch]);

function isOfConnection(error: unknown): boolean {
  return ofConnection.has(resultCode(error));
}

/** The step itself cannot be done, wherever the file is: its data is larger than SQLite takes, for one. */
export function isOfStep(error: unknown): boolean {
  return ofStep.has(resultCode(error)) || error instanceof TypeError || error instanceof RangeError;
}

/** An error as it is told in the queue's other thread. */
export function failureOf(error: unknown): Failure {
  const code = resultCode(error);
  const { message, errcode } = error as { readonly message: string; readonly errcode?: number };
  const isFatal = error instanceof WrongFileError || code === ResultCode.notADatabase || code === ResultCode.corrupt;
  return { message, errcode, isFatal };
}
