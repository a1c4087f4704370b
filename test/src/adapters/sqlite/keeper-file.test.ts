import { writeFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { Office, pass, told } from './office.js';
import { Folder, hasSqlite } from './support.js';

let folder: Folder;
let offices: Office[] = [];

beforeEach(() => {
  folder = new Folder();
});

afterEach(() => {
  for (const office of offices.splice(0)) office.close();
  folder[Symbol.dispose]();
});

function openOffice(settings?: ConstructorParameters<typeof Office>[1]): Office {
  const made = new Office(folder.file, settings);
  offices.push(made);
  return made;
}

describe.skipIf(!hasSqlite)('the clock of the wall', () => {
  test('that is set back keeps nothing waiting for longer than it was told to', async () => {
    const here = openOffice();
    here.put('a');
    const key = here.enter(1);
    here.commit([['retry', ...(await here.held('a')), 500]], [key, 1, 0]);
    here.put('b');
    here.wallAhead -= 3_600_000;
    here.commit([], [key, 3, 0]);
    expect(await here.data()).toEqual(['b']);
    pass(520, here);
    expect(await here.data()).toEqual(['b', 'a']);
  });

  test('that was set back while nobody was here keeps nothing waiting either', async () => {
    const before = openOffice();
    before.put('a');
    before.close();
    const here = openOffice();
    here.wallAhead -= 3_600_000;
    here.enter(1);
    expect(await here.data()).toEqual(['a']);
  });
});

describe.skipIf(!hasSqlite)('the file', () => {
  const kinds = (here: Office, key: number): unknown[] => here.news.get(key)?.map(([kind]) => kind) ?? [];

  test('that others lock is waited for, told once, and used when it is free', async () => {
    const here = openOffice({ busyMs: 5 });
    const key = here.enter(1);
    await told();
    folder.look((file) =>
      file.write(({ messages }) => {
        expect(here.put('b').answers).toMatchObject([{ errcode: 5, isFatal: false }]);
        pass(2000, here);
        messages.put('id-a', 'a', 0);
        messages.grow(1);
      }),
    );
    pass(1000, here);
    expect(await here.data()).toEqual(['a']);
    expect(kinds(here, key)).toEqual(['up', 'down', 'up', 'messages']);
  });

  test('that is no queue, or no database, ends its consumers with a reason', async () => {
    writeFileSync(folder.file, 'garbage '.repeat(1000));
    const here = openOffice();
    const key = here.enter(1);
    await told();
    expect(here.news.get(key)).toMatchObject([['down', { isFatal: true, message: 'file is not a database' }]]);
    expect(here.put('a').answers).toMatchObject([{ isFatal: true }]);
  });

  test('that is deleted takes nothing with it that is put in later', async () => {
    const here = openOffice();
    here.put('a');
    const restore = folder.cut();
    expect(here.put('b').answers).toMatchObject([
      { isFatal: false, message: 'it was deleted, or replaced by another file' },
    ]);
    expect(here.put('b').answers).toMatchObject([{ isFatal: false, errcode: 14 }]);
    restore();
    expect(here.put('b').answers).toEqual([true]);
    here.enter(3);
    expect(await here.data()).toEqual(['a', 'b']);
  });
});
