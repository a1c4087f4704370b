// What is used of node:sqlite, which is younger than the types of Node 20.

export type Value = null | number | string | Uint8Array;

export type Fields = Readonly<Record<string, Value>>;

export interface Statement {
  all(...values: readonly Value[]): Fields[];
  get(...values: readonly Value[]): Fields | undefined;
  run(...values: readonly Value[]): { readonly changes: number | bigint };
}

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

interface SqliteModule {
  readonly DatabaseSync: new (path: string) => Database;
}

export function openDatabase(path: string): Database {
  // `import` would end the program where there is no such module.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite') as unknown as SqliteModule;
  return new DatabaseSync(path);
}

/** Do all of `work` or, when it throws, nothing of it: it sees the file as of one moment. `begin` begins the transaction. */
export function transact<T>(database: Database, begin: () => void, work: () => T): T {
  begin();
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    try {
      database.exec('ROLLBACK');
    } catch {
      // SQLite did so by itself.
    }
    throw error;
  }
}

/** SQLite's number for what went wrong, without its details; undefined for an error that is not SQLite's. */
export function resultCode(error: unknown): number | undefined {
  const { errcode } = error as { readonly errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : undefined;
}

/** SQLite's result codes that are told apart. */
export const ResultCode = {
  busy: 5,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  cannotOpen: 14,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
  notADatabase: 26,
} as const;
