import { expect, test } from 'vitest';

import { type Call, type Place, Rig } from './rig.ts';

test('without a loop calls wait, and the loop gets them in order when it is ready, not before', () => {
  const rig = new Rig();
  rig.submit('tiny', 'a', 'b');
  const seat = rig.dispatch.join('A');
  expect([rig.news(), rig.dispatch.waiting]).toEqual([[], 2]);
  rig.dispatch.ready(seat);
  expect([rig.news(), rig.dispatch.waiting]).toEqual([['a → A', 'b → A'], 0]);
});

test('tiny calls stay together on the loop that is awake', () => {
  const rig = new Rig();
  rig.loops('Azz', 'B');
  rig.many('tiny', 100);
  expect(new Set(rig.news().map((each) => each.split(' ')[2]))).toEqual(new Set(['B']));
});

test('tiny calls wake another loop when 100 µs are committed, and share when both are full', () => {
  const rig = new Rig();
  const [a, b] = rig.loops('A', 'Bzz') as [Place, Place];
  rig.many('tiny', 101);
  expect([a.workUs, b.workUs, b.state]).toEqual([100, 1, 'awake']);
  rig.many('tiny', 200);
  expect([a.workUs, b.workUs]).toEqual([151, 150]);
});

test('a tiny call does not join a loop that is busy with a long one while another sleeps', () => {
  const rig = new Rig();
  rig.loops('A', 'Bzz');
  rig.submit('long', 'l');
  rig.submit('tiny', 't');
  expect(rig.news()).toEqual(['l → A', 't → Bzz']);
});

test('200 µs of work are committed to a loop, and the rest waits', () => {
  const counts = { tiny: 200, short: 3, medium: 2, long: 1, neverMeasured: 1 };
  for (const [job, count] of Object.entries(counts)) {
    const rig = new Rig();
    rig.loops('A');
    rig.many(job, 1000);
    expect([job, rig.assigned.length, rig.dispatch.waiting]).toEqual([job, count, 1000 - count]);
  }
});

test('no more than 4096 calls are committed to a loop, however short they are', () => {
  const rig = new Rig();
  rig.dispatch.measured('nothing', 0);
  rig.loops('A');
  rig.many('nothing', 5000);
  expect(rig.assigned).toHaveLength(4096);
});

test('long calls go to loops that have nothing to do, and then wait on our side', () => {
  const rig = new Rig();
  const [, b] = rig.loops('A', 'B', 'Czz') as [Place, Place, Place];
  const [, second] = rig.submit('long', 'a', 'b', 'c', 'd') as [Call, Call];
  expect(rig.news()).toEqual(['a → A', 'b → B', 'c → Czz']);
  rig.dispatch.settled(b, second);
  expect(rig.news()).toEqual(['d → B']);
});

test('a long call goes behind a little tiny work where no loop is idle, to the loop with least of it', () => {
  const rig = new Rig();
  const [a, b] = rig.loops('A', 'B') as [Place, Place];
  rig.many('tiny', 150);
  expect([a.workUs, b.workUs]).toEqual([100, 50]);
  rig.news();
  rig.submit('long', 'l');
  expect(rig.news()).toEqual(['l → B']);
});

test('a call that is not tiny goes to a loop whose calls all await, rather than behind a little work', () => {
  const rig = new Rig();
  const [a] = rig.loops('A', 'B') as [Place];
  const [fetches] = rig.submit('fetch', 'f') as [Call];
  rig.submit('tiny', 't');
  rig.dispatch.suspended(a, fetches);
  expect(rig.news()).toEqual(['f → A', 't → B']);
  rig.submit('short', 's');
  expect(rig.news()).toEqual(['s → A']);
});

test('a loop that is awake is taken before one that would have to be woken', () => {
  const rig = new Rig();
  rig.loops('Azz', 'B');
  rig.submit('long', 'l');
  expect(rig.news()).toEqual(['l → B']);
});

test('a job that was never measured is spread; once measured it is packed', () => {
  const rig = new Rig();
  const [a] = rig.loops('A', 'Bzz') as [Place];
  const [first] = rig.submit('new', 'a', 'b', 'c') as [Call];
  expect(rig.news()).toEqual(['a → A', 'b → Bzz']);
  rig.dispatch.measured('new', 2);
  rig.dispatch.settled(a, first);
  expect(rig.news()).toEqual(['c → A']);
  rig.submit('new', 'd', 'e');
  expect(rig.news()).toEqual(['d → A', 'e → A']);
});

test('a call that waits goes where there is room for it when it is told to be shorter than was thought', () => {
  const rig = new Rig();
  rig.loops('A');
  rig.many('tiny', 150);
  rig.submit('new', 'n');
  rig.news();
  rig.dispatch.measured('new', 51);
  expect(rig.news()).toEqual([]);
  rig.dispatch.measured('new', 50);
  expect(rig.news()).toEqual(['n → A']);
});

test('short calls behind a long one in the line do not overtake it', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  const [first, second] = rig.submit('long', 'a', 'b') as [Call, Call];
  rig.submit('tiny', 'c', 'd');
  expect(rig.news()).toEqual(['a → A']);
  rig.dispatch.settled(a, first);
  expect(rig.news()).toEqual(['b → A']);
  rig.dispatch.settled(a, second);
  expect(rig.news()).toEqual(['c → A', 'd → A']);
});

test('nor where there is room for them already', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  const running = rig.many('tiny', 150);
  rig.submit('long', 'l');
  rig.submit('tiny', 't');
  rig.news();
  for (const call of running.slice(0, 49)) rig.dispatch.settled(a, call);
  expect([rig.news(), a.workUs]).toEqual([[], 101]);
  rig.dispatch.settled(a, running[49] as Call);
  expect([rig.news(), rig.dispatch.waiting]).toEqual([['l → A'], 1]);
});

test('a call that waits can be cancelled once, and then it is never assigned', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  const [first, second] = rig.submit('long', 'a', 'b', 'c') as [Call, Call, Call];
  expect([rig.dispatch.cancel(second), rig.dispatch.cancel(second)]).toEqual([true, false]);
  expect(second.phase).toBe('done');
  rig.dispatch.settled(a, first);
  expect(rig.news()).toEqual(['a → A', 'c → A']);
});

test('a call that was assigned is not for the dispatch to cancel', () => {
  const rig = new Rig();
  rig.loops('A');
  const [call] = rig.submit('long', 'a') as [Call];
  expect(rig.dispatch.cancel(call)).toBe(false);
});

test('when the long call at the head is cancelled, the short ones behind it go where it did not fit', () => {
  const rig = new Rig();
  rig.loops('A');
  rig.many('tiny', 150);
  const [long] = rig.submit('long', 'l') as [Call];
  rig.submit('tiny', 't');
  rig.news();
  rig.dispatch.cancel(long);
  expect(rig.news()).toEqual(['t → A']);
});

test('a call that awaits makes room: thousands are in flight at once on one loop', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  rig.onAssign = (call) => rig.dispatch.suspended(a, call);
  rig.many('sleep', 5000);
  expect([a.inFlight.size, a.occupying, a.workUs, rig.dispatch.waiting]).toEqual([5000, 0, 0, 0]);
});

// A bug: of a thousand calls that await, each look at the loop let a hundred more begin.
test('calls that are known to await at once are not counted by their time: it is over before anybody can know', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  const [first] = rig.submit('sleep', 'a') as [Call];
  rig.dispatch.measured('sleep', 5);
  rig.dispatch.suspended(a, first);
  rig.news();
  rig.many('sleep', 5000);
  expect(rig.news()).toHaveLength(4096);
  const other = new Rig();
  const [b] = other.loops('B') as [Place];
  const [second] = other.submit('sleep', 'b') as [Call];
  other.dispatch.measured('sleep', 5);
  other.dispatch.suspended(b, second);
  other.submit('long', 'l');
  other.news();
  other.many('sleep', 3);
  expect(other.news()).toEqual([]);
});

test('a loop has no more calls in flight than its link takes, awaiting ones counted', () => {
  const rig = new Rig();
  const seat = rig.dispatch.join('A', 3);
  rig.dispatch.ready(seat);
  rig.onAssign = (call) => rig.dispatch.suspended(seat, call);
  const [first] = rig.many('sleep', 5) as [Call];
  expect(rig.dispatch.waiting).toBe(2);
  rig.dispatch.settled(seat, first);
  expect(rig.dispatch.waiting).toBe(1);
});

test('calls that crunch after they have awaited are spread by that, although their first part is tiny', () => {
  const rig = new Rig();
  const seats = Object.fromEntries(rig.loops('A', 'B').map((seat) => [seat.loop, seat]));
  rig.onAssign = (call, loop) => rig.dispatch.suspended(seats[loop] as Place, call);
  rig.dispatch.measured('fetchAndParse', 5);
  rig.many('fetchAndParse', 100);
  expect([seats['A']?.inFlight.size, seats['B']?.inFlight.size]).toEqual([50, 50]);
});

test('that a call is over, or never ran, teaches nothing', () => {
  const rig = new Rig();
  const [a] = rig.loops('A') as [Place];
  const [call] = rig.submit('new', 'a') as [Call];
  rig.dispatch.settled(a, call);
  const kind = rig.kinds.find('new');
  expect([kind.us, kind.isBlocking, a.occupying]).toEqual([1000, false, 0]);
});
