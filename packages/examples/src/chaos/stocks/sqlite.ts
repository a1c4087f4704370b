import { mkdtempSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sqliteQueue } from 'offloop/sqlite';

import { queueName } from '../plan.ts';
import type { Stock } from '../stock.ts';

/** Node 20 has no node:sqlite. */
export const hasSqlite: boolean = isBuiltin('node:sqlite');

export function openSqlite(): Promise<Stock> {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-chaos-sqlite-'));
  const at = join(folder, `${queueName}.db`);
  const queue = sqliteQueue<number>(at, { name: queueName });
  return Promise.resolve({
    at,
    put: (messages) => queue.putMany(messages),
    async count() {
      const { waiting, delayed, held, dead } = await queue.stats();
      return { waiting, left: waiting + delayed + held, dead };
    },
    async [Symbol.asyncDispose]() {
      await queue.close();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}
