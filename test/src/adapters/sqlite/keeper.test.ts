import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { leaseMs, lookMs, Office, pass, told } from './office.js';
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

describe.skipIf(!hasSqlite)('messages', () => {
  test('go to who has slots, the oldest first, and never more than slots', async () => {
    const here = openOffice();
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
    const here = openOffice({ pollMs: 20 });
    const there = openOffice();
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
    const here = openOffice({ pollMs: 1000 });
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

  test('that are given back are as if nobody had taken them', async () => {
    const here = openOffice();
    const key = here.enter(1);
    here.put('a', 'b');
    here.commit([['giveBack', ...(await here.held('a'))]], [key, 2, 0]);
    expect(here.rows.map(([, , id, attempt]) => [id, attempt])).toEqual([['id-a', 1]]);
  });

  test('that a consumer leaves behind go to the next one, uncounted', async () => {
    const here = openOffice();
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
    const here = openOffice();
    const keys = [here.enter(4), here.enter(4)];
    for (const data of ['a', 'b']) here.put(data);
    await told();
    const owners = here.rows.map(([, owner]) => owner);
    expect(new Set(owners).size).toBe(2);
    expect(keys).toHaveLength(2);
  });

  test('above the limit are refused, all or none of a step', () => {
    const here = openOffice({ limit: 2 });
    expect(here.put('a').answers).toEqual([true]);
    expect(here.put('b', 'c').answers).toEqual([false]);
    expect(here.put('b').answers).toEqual([true]);
    expect(here.put('c').answers).toEqual([false]);
    expect(here.file.read(({ messages }) => messages.counts(Infinity))).toMatchObject({ waiting: 2 });
  });

  test('whose step cannot be done hurt no other in their batch', () => {
    const here = openOffice();
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

describe.skipIf(!hasSqlite)('leases', () => {
  test('last as long as the process turns, whatever the handlers do', async () => {
    const here = openOffice();
    const there = openOffice();
    here.enter(1);
    there.enter(1);
    here.put('a');
    pass(leaseMs * 20, here, there);
    expect(await there.data()).toEqual([]);
    expect(here.lost).toEqual([]);
  });

  test('end when a process is killed: another one has its messages a lease later, counted', async () => {
    const here = openOffice();
    here.enter(1);
    here.put('a');
    await told();
    here.kill();
    const there = openOffice();
    there.enter(1);
    pass(leaseMs - lookMs, there);
    expect(await there.data()).toEqual([]);
    pass(lookMs * 3, there);
    await told();
    expect(there.rows.map(([, , id, attempt]) => [id, attempt])).toEqual([['id-a', 2]]);
  });

  test('end when a process stands still: when it goes on it is told, and acknowledges nothing', async () => {
    const here = openOffice();
    here.enter(1);
    here.put('a');
    const held = await here.held('a');
    const there = openOffice();
    there.enter(1);
    pass(leaseMs + lookMs * 2, there);
    expect(await there.data()).toEqual(['a']);
    expect(here.commit([['acknowledge', ...held]]).answers).toEqual([false]);
    pass(lookMs, here, there);
    await told();
    expect(here.rows).toEqual([]);
    expect(there.commit([['acknowledge', ...(await there.held('a'))]]).answers).toEqual([true]);
  });

  test('that ended are told also when the message comes back to the same consumer', async () => {
    const here = openOffice();
    const key = here.enter(1);
    here.put('a');
    const held = await here.held('a');
    const there = openOffice();
    there.enter(0);
    pass(leaseMs + lookMs * 2, there);
    here.commit([], [key, 2, 0]);
    await told();
    expect(here.lost).toEqual([held]);
    const again = await here.held('a');
    expect(again[1]).not.toBe(held[1]);
    expect(
      here.commit([
        ['acknowledge', ...held],
        ['acknowledge', ...again],
      ]).answers,
    ).toEqual([false, true]);
  });

  test('survive that the whole machine sleeps, and that wall clocks are set', async () => {
    const here = openOffice();
    const there = openOffice();
    here.enter(1);
    there.enter(1);
    here.put('a');
    pass(leaseMs, here, there);
    // Nobody's timers ran for an hour.
    for (const { clock } of [there, here]) clock.advance(lookMs);
    here.wallAhead += 3_600_000;
    there.wallAhead += 3_600_000;
    pass(leaseMs * 3, there, here);
    here.wallAhead -= 7_200_000;
    there.wallAhead -= 7_200_000;
    pass(leaseMs * 3, there, here);
    expect(await there.data()).toEqual([]);
    expect(here.lost).toEqual([]);
  });

  test('are as long as their owner says, also for who has shorter ones', async () => {
    const here = openOffice({ leaseMs: 8000 });
    here.enter(1);
    here.put('a');
    const there = openOffice({ leaseMs: 200 });
    there.enter(1);
    pass(5000, here, there);
    expect(await there.data()).toEqual([]);
    pass(7900, there);
    expect(await there.data()).toEqual([]);
    pass(300, there);
    expect(await there.data()).toEqual(['a']);
  });

  test('a message that ends its processes comes back apart from its neighbours', async () => {
    const first = openOffice();
    first.enter(20);
    first.put(...Array.from({ length: 20 }, (_, index) => `m${index}`));
    await told();
    first.kill();
    const second = openOffice();
    second.enter(20);
    pass(leaseMs + lookMs * 2, second);
    expect(await second.data()).toHaveLength(20);
    second.kill();
    const third = openOffice();
    third.enter(20);
    pass(leaseMs + lookMs * 2, third);
    const came: number[] = [];
    for (let round = 0; round < 22; round++) {
      pass(100, third);
      came.push((await third.data()).length);
    }
    // Over two seconds, and not all at once.
    expect(new Set(came).size).toBeGreaterThan(5);
    expect(came.at(-1)).toBe(20);
  });

  test('a message that was taken out of the file is lost, its neighbours are not', async () => {
    const here = openOffice();
    here.enter(2);
    here.put('a', 'b');
    const held = await here.held('a');
    folder.look((file) => file.write(({ messages }) => messages.acknowledge(...held)));
    pass(lookMs * 2, here);
    expect(await here.data()).toEqual(['b']);
    expect(here.lost).toEqual([held]);
  });

  test('nobody who only waits is among the consumers of the file', async () => {
    const here = openOffice();
    const key = here.enter(1);
    const owners = (): number => folder.look((file) => file.read(({ leases }) => leases.all().length));
    pass(leaseMs * 2, here);
    expect(owners()).toBe(0);
    here.put('a');
    expect(owners()).toBe(1);
    here.commit([['acknowledge', ...(await here.held('a'))]], [key, 1, 1]);
    pass(lookMs * 2, here);
    expect(owners()).toBe(0);
  });
});
