import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { LeaseLostError } from 'offloop';
import { Lookout } from 'offloop-internal/adapters/redis/lookout.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { timed } from '../../timed.js';
import { hasRedis } from '../../redis/server.js';
import { eventually, key, ListRig, quick } from './support.js';

const program = fileURLToPath(new URL('../../programs/list-consumer.js', import.meta.url));

describe.runIf(hasRedis)('redisList, when its consumers die', () => {
  let rig: ListRig;
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    rig = await ListRig.open();
    folder = mkdtempSync(join(tmpdir(), 'offloop-list-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    await rig[Symbol.asyncDispose]();
  });

  const ledger = (): string => join(folder, 'ledger');
  /** A consumer as a process of its own, whose jobs take `ms`. */
  function start(ms: number): ChildProcess {
    const child = spawn(process.execPath, [program, rig.redis.url, key, ledger(), '4', String(ms)], {
      stdio: 'ignore',
    });
    children.push(child);
    return child;
  }

  test(
    'those of one that was killed are delivered to another, in their order, and the attempt counts',
    timed,
    async () => {
      const list = rig.list(quick);
      await rig.push(1, 2, 3, 4);
      const child = start(60_000);
      await eventually(async () => (await list.stats()).held === 4, 'it has taken them');
      child.kill('SIGKILL');
      const since = performance.now();
      rig.consume(undefined, {}, list);
      await eventually(() => rig.seen.length === 4, 'they come');
      expect(performance.now() - since).toBeLessThan(4000);
      expect(rig.seen.map(({ data, attempt }) => [data, attempt])).toEqual([1, 2, 3, 4].map((data) => [data, 2]));
      await eventually(async () => (await list.stats()).held === 0, 'they are done');
    },
  );

  test('one that stands still for too long has lost them: what it does with them then counts for nothing', async () => {
    const list = rig.list(quick);
    await rig.push(1, 2);
    const child = start(2000);
    await eventually(async () => (await list.stats()).held === 2, 'it has taken them');
    child.kill('SIGSTOP');
    let open: () => void = () => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    rig.consume(() => opened, { concurrency: 2 }, list);
    await eventually(() => rig.seen.length === 2, 'another has them');
    child.kill('SIGCONT');
    // It does the next one, so it is there again, and has not taken away what the other has.
    await rig.push(3);
    await eventually(() => readOr(ledger()).includes('3\n'), 'it works');
    expect((await list.stats()).held).toBeGreaterThanOrEqual(2);
    expect(rig.seen.map(({ attempt, signal }) => [attempt, signal.aborted])).toEqual([
      [2, false],
      [2, false],
    ]);
    open();
    await eventually(async () => (await list.stats()).held === 0, 'they are done');
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(await rig.client.zcard(`{${key}}:offloop:consumers`)).toBe(1);
  });

  test('a program that only puts messages in ends by itself', async () => {
    const code = `import { redisList } from 'offloop/redis';
      const list = redisList({ key: 'queue', url: ${JSON.stringify(rig.redis.url)} });
      await list.put(1);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      stdio: 'inherit',
    });
    children.push(child);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect((await rig.list().stats()).waiting).toBe(1);
  });

  test('a lost lease is told to the delivery, and the outcome of its handler is not taken', async () => {
    await rig.push(1);
    const list = rig.list(quick);
    const errors: unknown[] = [];
    rig.consume(
      async ({ signal }) => {
        if (!signal.aborted) await once(signal, 'abort');
        errors.push(signal.reason);
      },
      { concurrency: 2 },
      list,
    );
    await eventually(() => rig.seen.length === 1, 'it is under way');
    await rig.seen[0]?.extend();
    await rig.loseLeases();
    await eventually(() => rig.seen.length === 2, 'it comes again');
    await eventually(() => errors.length === 1, 'the first is over');
    expect(errors[0]).toBeInstanceOf(LeaseLostError);
    expect((await list.stats()).held).toBe(1);
    expect(rig.seen[1]?.signal.aborted).toBe(false);
  });
});

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

test('a consumer is dead when it was seen so at two looks in a row, and has not shown between', () => {
  const lookout = new Lookout();
  expect(lookout.look(['a', '1', 'b', '1'])).toEqual([]);
  expect(lookout.look(['a', '1', 'b', '2', 'c', '3'])).toEqual([['a', '1']]);
  lookout.forget();
  expect(lookout.look(['b', '2', 'c', '3'])).toEqual([]);
  expect(lookout.look(['b', '2', 'c', '3'])).toEqual([
    ['b', '2'],
    ['c', '3'],
  ]);
});
