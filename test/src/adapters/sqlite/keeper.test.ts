import { writeFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { pass, told, useOffices, type Office } from './office.js';
import { hasSqlite } from './support.js';

const offices = useOffices();

describe.skipIf(!hasSqlite)('messages', () => {
  test('go to who has slots, the oldest first, and never more than slots', async () => {
    const here = offices.open();
    here.put('a', 'b', 'c');
    const key = here.enter(2);
    expect(await here.data()).toEqual(['a', 'b']);
    // As soon as the first is done there is a slot, in the same transaction.
    const { messages, answers, isWhole, given } = here.commit(
      [['acknowledge', ...(await here.held('a'))]],
      [key, 2, 1],
    );
    expect([messages.length, answers, isWhole, given]).toEqual([1, [true], true, [3]]);
    expect(await here.data()).toEqual(['b', 'c']);
    here.put('d');
    expect(await here.data()).toHaveLength(2);
  });

  test('of another process are noticed within pollMs, and cost nobody a write', async () => {
    const here = offices.open({ pollMs: 20 });
    const there = offices.open();
    here.enter(1);
    const version = there.file.read(({ messages }) => messages.size);
    pass(5000, here);
    expect(version).toBe(0);
    there.put('a');
    expect(await here.data()).toEqual([]);
    pass(20, here);
    expect(await here.data()).toEqual(['a']);
  });

  test('wait for their next attempt, and come no earlier and no later', async () => {
    const here = offices.open({ pollMs: 1000 });
    const key = here.enter(1);
    here.put('a');
    const held = await here.held('a');
    here.commit([['retry', ...held, 250]], [key, 2, 0]);
    pass(240, here);
    expect(await here.data()).toEqual([]);
    pass(20, here);
    await told();
    expect(here.rows.map(([, , id, attempt]) => [id, attempt])).toEqual([['id-a', 2]]);
  });

  test('that are given up stay until there are more than deadLimit: then the oldest are forgotten', async () => {
    const here = offices.open({ deadLimit: 2 });
    const there = offices.open();
    const dead = (): string[] => here.file.read(({ messages }) => messages.dead(9, false).map(({ id }) => id));
    const bury = async (office: Office, ...data: string[]): Promise<void> => {
      const held = await Promise.all(data.map((each) => office.held(each)));
      office.commit(held.map((each) => ['bury', ...each, 1, 'dropped', ''] as const));
    };
    there.put('a', 'b', 'c', 'd', 'e', 'f', 'g');
    there.enter(3);
    await bury(there, 'a', 'b', 'c');
    expect(dead()).toEqual(['id-a', 'id-b', 'id-c']);
    // They are not in the way, and count where somebody has taken one from their middle.
    here.enter(4);
    here.commit([['requeue', ['id-b']]]);
    expect(dead()).toEqual(['id-a', 'id-c']);
    await bury(here, 'd');
    expect(dead()).toEqual(['id-c', 'id-d']);
    await bury(here, 'e', 'f', 'g');
    expect(dead()).toEqual(['id-f', 'id-g']);
  });

  test('that are given back are as if nobody had taken them', async () => {
    const here = offices.open();
    const key = here.enter(1);
    here.put('a', 'b');
    here.commit([['giveBack', ...(await here.held('a'))]], [key, 2, 0]);
    expect(here.rows.map(([, , id, attempt]) => [id, attempt])).toEqual([['id-a', 1]]);
  });

  test('that a consumer leaves behind go to the next one, uncounted', async () => {
    const here = offices.open();
    const key = here.enter(2);
    here.put('a', 'b');
    await told();
    here.keeper.leave(key);
    expect(here.keeper.commit([['put', ['id-c'], ['c']]], []).answers).toEqual([true]);
    here.rows.length = 0;
    here.enter(3);
    await told();
    expect(here.rows.map(([, , id, attempt]) => [id, attempt])).toEqual([
      ['id-a', 1],
      ['id-b', 1],
      ['id-c', 1],
    ]);
  });

  test('are shared between the consumers of a thread: who got some is last the next time', async () => {
    const here = offices.open();
    const keys = [here.enter(4), here.enter(4)];
    for (const data of ['a', 'b']) here.put(data);
    await told();
    const owners = here.rows.map(([, owner]) => owner);
    expect(new Set(owners).size).toBe(2);
    expect(keys).toHaveLength(2);
  });

  test('above the limit are refused, all or none of a step', () => {
    const here = offices.open({ limit: 2 });
    expect(here.put('a').answers).toEqual([true]);
    expect(here.put('b', 'c').answers).toEqual([false]);
    expect(here.put('b').answers).toEqual([true]);
    expect(here.put('c').answers).toEqual([false]);
    expect(here.file.read(({ messages }) => messages.counts(Infinity))).toMatchObject({ waiting: 2 });
  });

  test('whose step cannot be done hurt no other in their batch', () => {
    const here = offices.open();
    const { answers, isWhole } = here.commit([
      ['put', ['x'], ['fine']],
      ['put', ['y'], [{} as string]],
      ['put', ['z'], ['fine']],
    ]);
    expect(answers).toMatchObject([true, { isFatal: false }, true]);
    expect(isWhole).toBe(false);
    expect(here.file.read(({ messages }) => messages.size)).toBe(2);
  });
});

describe.skipIf(!hasSqlite)('the clock of the wall', () => {
  test('that is set back keeps nothing waiting for longer than it was told to', async () => {
    const here = offices.open();
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
    const before = offices.open();
    before.put('a');
    before.close();
    const here = offices.open();
    here.wallAhead -= 3_600_000;
    here.enter(1);
    expect(await here.data()).toEqual(['a']);
  });
});

describe.skipIf(!hasSqlite)('the file', () => {
  const kinds = (here: Office, key: number): unknown[] => here.news.get(key)?.map(([kind]) => kind) ?? [];

  test('that others lock is waited for, told once, and used when it is free', async () => {
    const here = offices.open({ busyMs: 5 });
    const key = here.enter(1);
    await told();
    offices.folder.look((file) =>
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
    writeFileSync(offices.folder.file, 'garbage '.repeat(1000));
    const here = offices.open();
    const key = here.enter(1);
    await told();
    expect(here.news.get(key)).toMatchObject([['down', { isFatal: true, message: 'file is not a database' }]]);
    expect(here.put('a').answers).toMatchObject([{ isFatal: true }]);
  });

  test('that is deleted takes nothing with it that is put in later', async () => {
    const here = offices.open();
    here.put('a');
    const restore = offices.folder.cut();
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
