import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { timed } from '../timed.ts';
import { codeBlocks, compile, fileOf, makeFolder, programsIn, root, runProgram } from './snippets.ts';

const blocks = codeBlocks(readFileSync(join(root, 'README.md'), 'utf8'));
const folder = makeFolder('readme');

const programs = programsIn(blocks);

beforeAll(async () => {
  for (const block of blocks)
    if (block.language === 'ts') writeFileSync(join(folder, `${fileOf(block)}.ts`), block.text);
  await compile(folder);
});

describe('the README', () => {
  test.each(programs)('has a program $file that prints what it says', timed, async ({ file, prints }) => {
    expect(await runProgram(folder, file)).toBe(prints);
  });

  test('has a first program of at most 8 lines', () => {
    const [jobs, first] = blocks;
    const lines = [jobs, first]
      .flatMap((block) => block?.text.split('\n').slice(1) ?? [])
      .filter((line) => line.trim() !== '');
    expect(programs[0]?.file).toBe('first');
    expect(lines.length).toBeLessThanOrEqual(8);
  });

  test('names only commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const commands = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.trim().split('\n'));
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      const name = /^npm (?:run )?(\w+)/.exec(command)?.[1];
      expect(Object.keys(scripts)).toContain(name);
    }
  });
});
