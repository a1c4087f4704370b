// The command, and that each of its checks can fail.
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { Report } from '../../../packages/examples/dist/chaos/chaos.js';
import { Ledger } from '../../../packages/examples/dist/chaos/ledger.js';
import { ReplyDropper } from '../../../packages/examples/dist/chaos/reply-dropper.js';
import { boundOf, brokenOf, reportLines } from '../../../packages/examples/dist/chaos/report.js';
import { commandOf } from '../commands/command.js';
import { hasRedis } from '../redis/server.js';

const chaos = commandOf('chaos', 60_000);

describe.runIf(hasRedis)('npm run chaos', () => {
  test('tells what became of the messages of each run, as a table', { timeout: 60_000 }, async () => {
    const { code, stdout } = await chaos(
      '--source=bullmq,naive',
      '--fault=kill',
      '--kills=2',
      '--messages=120',
      '--work=5',
    );
    expect(stdout).toMatch(/^consumers killed +bullmq +2 +120 +120 +0 +\d+ +16 +0 +0 +\d+\.\d$/m);
    expect(stdout).toMatch(/^consumers killed +naive +2 +120 +\d+ +\d+ +0 +— +0 +0 +\d+\.\d$/m);
    expect(code).toBe(0);
  });

  test('ends with exit code 1 where the faults are seen not to hit', { timeout: 60_000 }, async () => {
    // Killed when the only message is done.
    const { code, stdout } = await chaos('--source=naive', '--fault=kill', '--messages=1', '--kills=1');
    expect(stdout).toContain('FAILED  consumers killed, naive: the naive consumer lost nothing');
    expect(code).toBe(1);
  });
});

describe('options', () => {
  test.each([
    [['--source', 'mysql'], /option --source: no 'mysql'; valid are list, bullmq, sqlite, naive, all/],
    [['--kills', '0'], /option --kills must be a whole number from 1 to 1000; got '0'/],
    [['--hours', '1'], /Unknown option '--hours'.*Valid are --source, --fault/],
  ])('%j ends with exit code 2 and says what would be right', async (args, message) => {
    const { code, stdout, stderr } = await chaos(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toContain('Try: npm run chaos -- --help');
  });

  test('--help tells the defaults', async () => {
    const { code, stdout } = await chaos('--help');
    expect(code).toBe(0);
    for (const text of ['4000 of kill, 2000 of drop, 3000 of restart', 'default 14', 'default 60'])
      expect(stdout).toContain(text);
  });
});

const clean: Report = {
  fault: 'kill',
  source: 'list',
  messages: 9,
  faults: 2,
  made: 2,
  enqueued: 9,
  processes: 2,
  concurrency: 3,
  workMs: 1,
  limitMs: 1,
  done: 9,
  lost: 0,
  duplicates: 6,
  renamed: 0,
  stuck: 0,
  dead: 0,
  deaths: 0,
  isLate: false,
  said: ['source: gone'],
  note: '',
  seconds: 1,
};

test('each thing that is wrong fails its own check, and what the consumers said is told', () => {
  const broken = (change: Partial<Report>): string[] => brokenOf({ ...clean, ...change });
  expect(broken({})).toEqual([]);
  expect(broken({ lost: 1 })).toEqual(['1 messages are lost']);
  expect(broken({ stuck: 2 })).toEqual(['2 messages are stuck']);
  expect(broken({ dead: 1 })).toEqual(['1 messages were given up, of which no job failed']);
  expect(broken({ duplicates: 7 })).toEqual(['7 effects were done twice, and at most 6 may be']);
  expect(broken({ renamed: 1 })).toEqual(['1 messages changed their ids']);
  expect(broken({ made: 1, duplicates: 0 })).toEqual(['1 of 2 faults could be made']);
  expect(broken({ enqueued: 8 })).toEqual(['8 of 9 messages could be put in']);
  expect(broken({ deaths: 1 })).toEqual(['1 consumers ended by themselves']);
  expect(broken({ isLate: true })).toHaveLength(1);
  expect(broken({ source: 'naive' })).toHaveLength(1);
  expect(broken({ source: 'naive', lost: 1 })).toEqual([]);
  // A Redis that is killed hits all processes.
  expect(boundOf({ ...clean, fault: 'restart' })).toBe(12);
  const lines = reportLines([{ ...clean, stuck: 2 }, clean], ['sqlite is left out']);
  expect(lines.slice(-3)).toEqual([
    'sqlite is left out',
    'FAILED  consumers killed, list: 2 messages are stuck',
    '        source: gone',
  ]);
});

test('the ledger counts effects, messages, processes and ids, as the lines come', () => {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-ledger-'));
  try {
    const ledger = new Ledger(join(folder, 'ledger'));
    expect(ledger.read()).toBe(false);
    appendFileSync(ledger.path, '1 100 a\n2 100 b\n1 101 a\n3 10');
    expect(ledger.read()).toBe(true);
    expect([ledger.effects, ledger.done, ledger.renamed, ledger.by(100), ledger.by(101)]).toEqual([3, 2, 0, 2, 1]);
    appendFileSync(ledger.path, '1 c\n2 101 other\n');
    expect(ledger.read()).toBe(true);
    expect([ledger.effects, ledger.done, ledger.renamed, ledger.by(101), ledger.by(7)]).toEqual([5, 3, 1, 3, 0]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a dropped reply: the command was done, the connection ends in place of the answer, and others are as before', async () => {
  const commands: string[] = [];
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .on('data', (chunk) => {
        commands.push(chunk.toString());
        socket.write('+OK\r\n');
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await using proxy = await ReplyDropper.open((server.address() as AddressInfo).port);
  const client = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  const ask = async (command: string): Promise<string> => {
    client.write(`*1\r\n$${command.length}\r\n${command}\r\n`);
    const answered = once(client, 'data').then(([data]) => String(data));
    return Promise.race([answered, once(client, 'close').then(() => 'closed')]);
  };
  expect(await ask('GET')).toBe('+OK\r\n');
  proxy.drop();
  // A connection that is only being made has nothing to lose.
  expect(await ask('INFO')).toBe('+OK\r\n');
  expect(await ask('BLMOVE')).toBe('closed');
  expect([commands.length, [...proxy.dropped]]).toEqual([3, [['blmove', 1]]]);
  server.close();
});
