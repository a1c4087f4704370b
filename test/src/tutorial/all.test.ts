import { readdirSync } from 'node:fs';

import { expect, test } from 'vitest';

import { directory, runExample } from './run-example.ts';

const names = readdirSync(directory)
  .filter((file) => /^s\d\d-.*\.js$/.test(file))
  .map((file) => file.slice(0, 3));

test('the tutorial runs the programs that are named, in that order, each under its heading', async () => {
  const { lines, code, stderr } = await runExample('all', { args: ['s5', 'S17', 's04'] });
  expect(stderr).toBe('');
  const headings = lines.filter((line) => /^S\d\d {2}/.test(line));
  expect(headings).toEqual(['S05  A task is a future', 'S17  Ctrl-C while tasks run', 'S04  A task shows its state']);
  expect(lines.slice(0, 8)).toEqual(['', 'S05  A task is a future', '', 'true', 'true', 'Waiting:  2', 'TIME:  #', '']);
  expect(code).toBe(0);
});

test('an unknown name is an error that lists every program there is, and nothing runs', async () => {
  const { raw, code, stderr } = await runExample('all', { args: ['s20', 's99'] });
  expect(raw).toEqual([]);
  expect(stderr).toMatch(/^the tutorial has no program 's99'; it has:\n/);
  const listed = [...stderr.matchAll(/^ {2}(s\d\d) /gm)].map((match) => match[1]);
  expect(listed).toEqual(names);
  expect(code).toBe(2);
});
