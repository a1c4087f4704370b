import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SqliteFile } from 'offloop-internal/adapters/sqlite/file.js';
import { sqliteQueue, type SqliteQueue, type SqliteQueueOptions } from 'offloop/sqlite';
import type { SourceRig } from 'offloop/testing';

export const hasSqlite = isBuiltin('node:sqlite');
if (!hasSqlite) console.log(`skipped: the tests of offloop/sqlite, since ${process.version} has no node:sqlite`);

/** A folder for one test, gone when it is disposed of. */
export class Folder {
  readonly path: string = mkdtempSync(join(tmpdir(), 'offloop-sqlite-'));
  readonly file: string = join(this.path, 'queue', 'q.db');

  constructor() {
    renameSync(mkdtempSync(join(this.path, 'q')), join(this.path, 'queue'));
  }

  /** The folder of the file is somewhere else, until the function that it gives is called. */
  cut(): () => void {
    renameSync(join(this.path, 'queue'), join(this.path, 'elsewhere'));
    return () => renameSync(join(this.path, 'elsewhere'), join(this.path, 'queue'));
  }

  /** The file as it is, for looking and for changing what no queue would. */
  look<T>(work: (file: SqliteFile) => T): T {
    const file = new SqliteFile(this.file, false, 5000);
    try {
      return work(file);
    } finally {
      file.close();
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A queue in a folder of its own. */
export function makeRig(options: SqliteQueueOptions<number> = {}): SourceRig {
  const folder = new Folder();
  const queues: SqliteQueue<number>[] = [];
  const open = (more?: SqliteQueueOptions<number>): SqliteQueue<number> => {
    const queue = sqliteQueue<number>(folder.file, { leaseMs: 2000, pollMs: 10, ...options, ...more });
    queues.push(queue);
    return queue;
  };
  const producer = open();
  return {
    open,
    put: async (data) => void (await producer.put(data)),
    count: async () => {
      const { waiting, delayed, dead } = await producer.stats();
      return { waiting: waiting + delayed, dead };
    },
    putMalformed: async () => void (await open({ serialize: () => '{' }).put(0)),
    loseLeases: () => {
      folder.look((file) =>
        file.write(({ messages, leases }) => {
          for (const beat of leases.all()) if (leases.expire(beat)) messages.release(beat.owner, Date.now());
        }),
      );
      return Promise.resolve();
    },
    cut: () => {
      const restore = folder.cut();
      return Promise.resolve(() => Promise.resolve(restore()));
    },
    close: async () => {
      await Promise.all(queues.map((queue) => queue.close()));
      folder[Symbol.dispose]();
    },
  };
}
