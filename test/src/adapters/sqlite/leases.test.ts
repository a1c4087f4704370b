import { describe, expect, test } from 'vitest';

import { leaseMs, lookMs, pass, told, useOffices } from './office.js';
import { hasSqlite } from './support.js';

const offices = useOffices();

describe.skipIf(!hasSqlite)('leases', () => {
  test('last as long as the process turns, whatever the handlers do', async () => {
    const here = offices.open();
    const there = offices.open();
    here.enter(1);
    there.enter(1);
    here.put('a');
    pass(leaseMs * 20, here, there);
    expect(await there.data()).toEqual([]);
    expect(here.lost).toEqual([]);
  });

  test('end when a process is killed: another one has its messages a lease later, counted', async () => {
    const here = offices.open();
    here.enter(1);
    here.put('a');
    await told();
    here.kill();
    const there = offices.open();
    there.enter(1);
    pass(leaseMs - lookMs, there);
    expect(await there.data()).toEqual([]);
    pass(lookMs * 3, there);
    await told();
    expect(there.rows.map(([, , id, attempt]) => [id, attempt])).toEqual([['id-a', 2]]);
  });

  test('end when a process stands still: when it goes on it is told, and acknowledges nothing', async () => {
    const here = offices.open();
    here.enter(1);
    here.put('a');
    const held = await here.held('a');
    const there = offices.open();
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
    const here = offices.open();
    const key = here.enter(1);
    here.put('a');
    const held = await here.held('a');
    const there = offices.open();
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
    const here = offices.open();
    const there = offices.open();
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
    const here = offices.open({ leaseMs: 8000 });
    here.enter(1);
    here.put('a');
    const there = offices.open({ leaseMs: 200 });
    there.enter(1);
    pass(5000, here, there);
    expect(await there.data()).toEqual([]);
    pass(7900, there);
    expect(await there.data()).toEqual([]);
    pass(300, there);
    expect(await there.data()).toEqual(['a']);
  });

  test('a message that ends its processes comes back apart from its neighbours', async () => {
    const first = offices.open();
    first.enter(20);
    first.put(...Array.from({ length: 20 }, (_, index) => `m${index}`));
    await told();
    first.kill();
    const second = offices.open();
    second.enter(20);
    pass(leaseMs + lookMs * 2, second);
    expect(await second.data()).toHaveLength(20);
    second.kill();
    const third = offices.open();
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
    const here = offices.open();
    here.enter(2);
    here.put('a', 'b');
    const held = await here.held('a');
    offices.folder.look((file) => file.write(({ messages }) => messages.acknowledge(...held)));
    pass(lookMs * 2, here);
    expect(await here.data()).toEqual(['b']);
    expect(here.lost).toEqual([held]);
  });

  test('nobody who only waits is among the consumers of the file', async () => {
    const here = offices.open();
    const key = here.enter(1);
    const owners = (): number => offices.folder.look((file) => file.read(({ leases }) => leases.all().length));
    pass(leaseMs * 2, here);
    expect(owners()).toBe(0);
    here.put('a');
    expect(owners()).toBe(1);
    here.commit([['acknowledge', ...(await here.held('a'))]], [key, 1, 1]);
    pass(lookMs * 2, here);
    expect(owners()).toBe(0);
  });
});
