import { expect, test } from 'vitest';

import { type Call, type Place, Rig } from './rig.ts';

test('a loop that leaves gets nothing more, and is gone when its calls are settled', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  const [first] = rig.submit('long', 'a', 'b') as [Call];
  rig.dispatch.leave(a);
  expect(a.state).toBe('leaving');
  rig.dispatch.settled(a, first);
  expect([a.state, rig.news(), rig.dispatch.waiting, [...rig.dispatch.seats]]).toEqual(['gone', ['a → A'], 1, []]);
});

test('a loop that has nothing is gone when it leaves', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  rig.dispatch.leave(a);
  expect(a.state).toBe('gone');
});

// Found by the model, once in a thousand runs: it waited until something else happened in the pool.
test('a call that awaits soon goes to the loop with the least load of those that are left', () => {
  for (const goes of ['leave', 'lost'] as const) {
    const rig = new Rig();
    rig.kinds.find('soon').learnAwaits();
    rig.dispatch.measured('soon', 7);
    const [a, b] = rig.loops('A', 'B') as [Place, Place];
    rig.submit('long', 'x');
    // What these will ask for when they go on makes B the one with more load; and others keep it busy.
    const calls = rig.submit('soon', ...Array.from({ length: 12 }, String));
    for (const call of calls) rig.dispatch.suspended(b, call);
    rig.submit('soon', ...Array.from({ length: 28 }, String));
    rig.news();
    rig.submit('soon', 'y');
    expect(rig.news()).toEqual([]);
    rig.dispatch[goes](a);
    expect(rig.news()).toEqual(['y → B']);
  }
});

test('a loop that crashes hands back what it had, in order, awaiting calls too, and once', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  const [first] = rig.submit('tiny', 'a', 'b', 'c') as [Call];
  rig.dispatch.suspended(a, first);
  expect(rig.dispatch.lost(a).map((call) => [call.payload, call.phase])).toEqual([
    ['a', 'lost'],
    ['b', 'lost'],
    ['c', 'lost'],
  ]);
  expect(rig.dispatch.lost(a)).toEqual([]);
  expect(a.state).toBe('gone');
});

test('calls of a crashed loop that never began wait again, before what was submitted later', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  rig.many('tiny', 202);
  rig.news();
  const [, second, third] = rig.dispatch.lost(a) as [Call, Call, Call];
  rig.dispatch.takeBack(a, [third, second]);
  rig.loops('B');
  expect(rig.news().slice(0, 4)).toEqual(['1 → B', '2 → B', '200 → B', '201 → B']);
});

test('a loop that overran gets nothing more, and what waits behind the culprit can be won back for another', () => {
  const rig = new Rig();
  const [a] = rig.loops('A', 'Bzz') as [Place];
  const [culprit] = rig.submit('tiny', 'culprit', 'x', 'y', 'z') as [Call];
  rig.dispatch.began(a, culprit);
  rig.news();
  const [x, y, z] = rig.dispatch.overran(a) as [Call, Call, Call];
  expect([x, y, z].map((call) => call.payload)).toEqual(['x', 'y', 'z']);
  rig.submit('tiny', 'later');
  expect(rig.news()).toEqual(['later → Bzz']);
  rig.dispatch.takeBack(a, [y, z]);
  expect([rig.news(), a.inFlight.size]).toEqual([['y → Bzz', 'z → Bzz'], 2]);
});

test('a stuck loop gets calls again with the first thing heard of it', () => {
  const heard: ((rig: Rig, a: Place, call: Call) => void)[] = [
    (rig, a, call) => rig.dispatch.settled(a, call),
    (rig, a, call) => rig.dispatch.suspended(a, call),
    (rig, a, call) => rig.dispatch.began(a, call),
    (rig, a) => rig.dispatch.ready(a),
  ];
  for (const hear of heard) {
    const rig = new Rig();
    const [a] = rig.loops('A') as [Place];
    const [call] = rig.submit('tiny', 'a') as [Call];
    rig.dispatch.overran(a);
    rig.submit('tiny', 'b');
    expect(rig.news()).toEqual(['a → A']);
    hear(rig, a, call);
    expect(rig.news()).toEqual(['b → A']);
  }
});

test('a stuck loop that parks has come back, too', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  rig.dispatch.overran(a);
  rig.submit('tiny', 'a');
  rig.dispatch.parked(a);
  expect(rig.news()).toEqual(['a → A']);
});

test('that a loop has parked is old news when a call was assigned meanwhile', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  rig.submit('tiny', 'a');
  rig.dispatch.parked(a);
  expect(a.state).toBe('awake');
});

test('what is heard of a call that its loop no longer has changes nothing', () => {
  const rig = new Rig();
  const [a, b] = rig.loops('A', 'Bzz') as [Place, Place];
  const [first, second] = rig.submit('tiny', 'a', 'b') as [Call, Call];
  rig.dispatch.settled(a, first);
  rig.dispatch.overran(a);
  rig.dispatch.takeBack(a, [second, second, first]);
  expect(b.inFlight.size).toBe(1);
  for (const call of [first, second]) {
    rig.dispatch.began(a, call);
    rig.dispatch.suspended(a, call);
    rig.dispatch.settled(a, call);
  }
  expect([a.inFlight.size, a.workUs, a.state, b.inFlight.size, b.workUs]).toEqual([0, 0, 'stuck', 1, 1]);
  expect(rig.kinds.find('tiny').awaits).toBe(false);
});

test('a call that ends while it is being assigned leaves the order and the room as they are', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  rig.onAssign = (call) => {
    if (call.payload === '0') rig.submit('long', 'bred');
    rig.dispatch.settled(a, call);
  };
  rig.many('long', 3);
  expect(rig.news()).toEqual(['0 → A', 'bred → A', '1 → A', '2 → A']);
  expect([a.inFlight.size, a.workUs]).toEqual([0, 0]);
});

test('a hundred thousand calls that their loop refuses one by one do not pile up on the stack', () => {
  const rig = new Rig();
  const seat = rig.dispatch.join('A');
  rig.onAssign = (call) => rig.dispatch.settled(seat, call);
  rig.many('long', 100_000);
  rig.dispatch.ready(seat);
  expect([rig.assigned.length, rig.dispatch.waiting]).toEqual([100_000, 0]);
});

test('clear() takes out all that waits, in order, and nothing of it is assigned', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  const [first] = rig.many('long', 4) as [Call];
  expect(rig.dispatch.clear().map((call) => call.payload)).toEqual(['1', '2', '3']);
  rig.dispatch.settled(a, first);
  expect([rig.news(), rig.dispatch.waiting]).toEqual([['0 → A'], 0]);
});
