import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Program } from '../gateway/program.js';
import { hasRedis, RedisServer } from '../redis/server.js';
import { timed } from '../timed.js';
import { codeBlocks, compile, fileOf, makeFolder, programsIn, root, runProgram } from './snippets.js';

const guide = join(root, 'docs', 'queues.md');
const text = readFileSync(guide, 'utf8');
const blocks = codeBlocks(text);
const folder = makeFolder('queues');
const commands = blocks.filter(({ language }) => language === 'sh').flatMap((block) => block.text.trim().split('\n'));
const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
  .scripts;

let server: RedisServer | undefined;

beforeAll(async () => {
  for (const block of blocks)
    if (block.language === 'ts') writeFileSync(join(folder, `${fileOf(block)}.ts`), block.text);
  await compile(folder);
  if (hasRedis) server = await RedisServer.open();
});
afterAll(async () => server?.[Symbol.asyncDispose]());

/** What the machine has not, a program that wants it cannot show. */
function canRun(code: string): boolean {
  return (hasRedis || !code.includes('REDIS_URL')) && (isBuiltin('node:sqlite') || !code.includes('sqlite'));
}

describe('the guide to queues', () => {
  test.each(programsIn(blocks))(
    'has a program $file that prints what it says',
    timed,
    async ({ file, code, prints }) => {
      if (!canRun(code)) return;
      const printed = await runProgram(folder, file, { REDIS_URL: server?.url ?? '' }).catch(
        (error: { code: unknown; stdout: string }) => {
          // It has pressed Ctrl-C.
          if (code.includes('SIGINT') && error.code === 130) return error.stdout;
          throw error;
        },
      );
      expect(printed).toBe(prints);
    },
  );

  test('runs or compiles each of its blocks', () => {
    expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(['ts', 'text', 'sh']));
    expect(programsIn(blocks).length).toBe(blocks.filter(({ language }) => language === 'text').length);
    expect(text.match(/^```/gm)).toHaveLength(2 * blocks.length);
  });

  test.each(commands.filter((command) => /npm start/.test(command)))('%s serves until Ctrl-C', async (command) => {
    if (!canRun(command)) return;
    const [, args = ''] = / -- (.*)$/.exec(command) ?? [];
    const env: Record<string, string> = command.startsWith('REDIS_URL') ? { REDIS_URL: server?.url ?? '' } : {};
    const program = new Program(env, ...args.replace('queue.db', join(folder, 'queue.db')).split(' ').filter(Boolean));
    await program.prints('; Ctrl-C ends it');
    program.signal('SIGINT');
    const { code, stderr } = await program.ended();
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
  });

  test.runIf(hasRedis)('pushes with commands that Redis takes, and the gateway understands', async () => {
    const { port, url } = server as RedisServer;
    for (const command of commands.filter((each) => each.startsWith('redis-cli'))) {
      const { stdout } = await promisify(execFile)('sh', ['-c', command.replace('redis-cli', `redis-cli -p ${port}`)]);
      expect(stdout).toMatch(/^\d+\n$/);
    }
    const program = new Program({ REDIS_URL: url }, '--attempts', '1');
    await program.prints('2 sent, 1 given up, 1 in flight');
    program.signal('SIGINT');
    await program.prints('no more messages are taken');
    program.signal('SIGINT');
    expect((await program.ended()).code).toBe(130);
  });

  test('names only commands that exist', () => {
    const names = commands.flatMap((command) => /npm (?:run )?(\w+)/.exec(command)?.[1] ?? []);
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) expect(Object.keys(scripts)).toContain(name);
  });

  test('links only to files and headings that exist', () => {
    const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    );
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    for (const link of links)
      if (link.startsWith('#')) expect(headings).toContain(link.slice(1));
      else expect(existsSync(join(dirname(guide), link)), link).toBe(true);
  });
});
