import { mkdtempSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jobModule, WorkerLoop } from 'offloop';
import { sqliteQueue } from 'offloop/sqlite';
import { expect, test } from 'vitest';

import { timed } from '../timed.js';
import { Program, summaryOfServing } from './program.js';
import { SmsService } from './sms-service.js';

const hasSqlite = isBuiltin('node:sqlite');

test.runIf(hasSqlite)(
  'with --engine sqlite it serves a file that others put into, and Ctrl-C drains',
  timed,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'offloop-gateway-'));
    const file = join(folder, 'queue.db');
    await using service = await SmsService.open();
    {
      await using queue = sqliteQueue<unknown>(file);
      await queue.putMany([0.2, 0.2, 0.01, 0.01]);
      const args = ['--engine', 'sqlite', '--file', file, '--service', service.url, '--concurrency', '2'];
      const program = new Program({}, ...args);
      await service.until(() => service.begun.length === 2);
      program.signal('SIGINT');
      const ending = await program.ended();
      expect(ending.code).toBe(130);
      expect(summaryOfServing(ending)).toMatchObject({ sent: 2, failed: 0, givenBack: 0, waiting: 2 });
      expect(await queue.stats()).toMatchObject({ waiting: 2, held: 0 });
    }
    rmSync(folder, { recursive: true });
  },
);

test.skipIf(hasSqlite)('with --engine sqlite on a Node without it, it names the ways out', async () => {
  const { code, stderr } = await new Program({}, '--engine', 'sqlite', '--file', join(tmpdir(), 'never.db')).ended();
  expect(code).toBe(1);
  expect(stderr).toMatch(/^sqliteQueue needs node:sqlite, .* a newer Node.js;/);
});

test('the service sends a message once that it gets twice with the same key', async () => {
  const jobs = jobModule<typeof import('../../../packages/examples/dist/gateway/service.js')>(
    new URL('../../../packages/examples/dist/gateway/service.js', import.meta.url),
  );
  await using loop = new WorkerLoop({ daemon: true });
  const service = await loop.run(jobs.serve(0));
  const send = async (path: string, key: string): Promise<string> => {
    const response = await fetch(service + path, { method: 'POST', headers: { 'idempotency-key': key } });
    return `${response.status} ${(await response.text()).trim()}`;
  };
  expect(await send('/1', 'a')).toBe('200 sent');
  expect(await send('/1', 'a')).toBe('200 sent already');
  expect(await send('/wait/0.001', 'b')).toBe('200 sent');
  expect(await send('/25', 'c')).toBe('500 failed');
  expect(await send('/25', 'c')).toBe('500 failed');
});
