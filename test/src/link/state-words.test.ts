import fc from 'fast-check';
import { CallTable, type PendingCall } from 'offloop-internal/link/call-table.js';
import { slotsPerChunk, StateWords } from 'offloop-internal/wire/state-words.js';
import { expect, test } from 'vitest';

/** The two sides of one buffer. */
function twoSides(): { caller: StateWords; guest: StateWords } {
  const caller = new StateWords();
  const guest = new StateWords();
  guest.addChunk(caller.addChunk());
  return { caller, guest };
}

test('a call goes from queued to running to ended', () => {
  const { caller, guest } = twoSides();
  caller.submit(3, 7);
  expect(guest.read(3, 7)).toBe('queued');
  expect(guest.begin(3, 7, 0)).toBe(true);
  expect(caller.read(3, 7)).toBe('running');
  expect(guest.end(3, 7)).toBe(false);
  expect(caller.read(3, 7)).toBe('ended');
});

test('a queued call that was cancelled cannot begin', () => {
  const { caller, guest } = twoSides();
  caller.submit(0, 1);
  expect(caller.cancelQueued(0, 1)).toBe(true);
  expect(guest.begin(0, 1, 0)).toBe(false);
  expect(caller.read(0, 1)).toBe('cancelled');
  expect(caller.cancelQueued(0, 1)).toBe(false);
  expect(caller.cancelRunning(0, 1)).toBe(false);
});

test('a running call cannot be taken back, only marked; its end tells of the mark', () => {
  const { caller, guest } = twoSides();
  caller.submit(0, 1);
  guest.begin(0, 1, 0);
  expect(caller.cancelQueued(0, 1)).toBe(false);
  expect(caller.cancelRunning(0, 1)).toBe(true);
  expect(guest.read(0, 1)).toBe('cancelling');
  expect(caller.cancelRunning(0, 1)).toBe(false);
  expect(guest.end(0, 1)).toBe(true);
  expect(caller.read(0, 1)).toBe('ended');
});

test('an ended call cannot be cancelled, begun or ended again', () => {
  const { caller, guest } = twoSides();
  caller.submit(0, 1);
  guest.begin(0, 1, 0);
  guest.end(0, 1);
  expect([caller.cancelQueued(0, 1), caller.cancelRunning(0, 1), guest.begin(0, 1, 0), guest.end(0, 1)]).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(caller.read(0, 1)).toBe('ended');
});

test('a call begins once, also when two guests try', () => {
  const { caller, guest } = twoSides();
  caller.submit(0, 1);
  expect([guest.begin(0, 1, 0), guest.begin(0, 1, 0)]).toEqual([true, false]);
});

test('a stale id neither reads nor changes the call that has its slot now', () => {
  const { caller, guest } = twoSides();
  caller.submit(0, 1);
  caller.submit(0, 2);
  expect(caller.read(0, 1)).toBeUndefined();
  expect([guest.begin(0, 1, 0), guest.end(0, 1), caller.cancelQueued(0, 1), caller.cancelRunning(0, 1)]).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(guest.read(0, 2)).toBe('queued');
});

test('ids beyond the 29 bits of the word work', () => {
  const { caller, guest } = twoSides();
  for (const id of [2 ** 29 - 1, 2 ** 29, 2 ** 29 + 1, 2 ** 32, 2 ** 40 + 5]) {
    caller.submit(0, id);
    expect([guest.read(0, id), guest.begin(0, id, 0), caller.cancelRunning(0, id), guest.end(0, id)]).toEqual([
      'queued',
      true,
      true,
      true,
    ]);
  }
});

test('the running time is right across the wrap of the 32-bit stamp', () => {
  const { caller, guest } = twoSides();
  for (const now of [0, 5, 2 ** 31 - 3, 2 ** 32 - 2, 2 ** 33 + 1, 1e12 + 0.75]) {
    caller.submit(0, 1);
    guest.begin(0, 1, now);
    expect(caller.runningFor(0, now + 10)).toBe(10);
  }
});

test('neighbours share a buffer and nothing else, and a second buffer holds the slots above', () => {
  const { caller, guest } = twoSides();
  guest.addChunk(caller.addChunk());
  expect(caller.slots).toBe(2 * slotsPerChunk);
  const slots = [0, 1, slotsPerChunk - 1, slotsPerChunk, 2 * slotsPerChunk - 1];
  for (const slot of slots) caller.submit(slot, slot + 1);
  guest.begin(1, 2, 0);
  caller.cancelQueued(slotsPerChunk, slotsPerChunk + 1);
  expect(slots.map((slot) => guest.read(slot, slot + 1))).toEqual([
    'queued',
    'running',
    'queued',
    'cancelled',
    'queued',
  ]);
});

test('in every order of steps on both sides, exactly one of begin and cancelQueued wins, and end tells the truth', () => {
  const step = fc.constantFrom('begin', 'end', 'cancelQueued', 'cancelRunning');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      const { caller, guest } = twoSides();
      caller.submit(5, 9);
      const won: string[] = [];
      let marked = false;
      for (const each of steps) {
        const live = guest.read(5, 9) === 'running' || guest.read(5, 9) === 'cancelling';
        const done = each === 'begin' ? guest.begin(5, 9, 1) : each === 'end' ? guest.end(5, 9) : caller[each](5, 9);
        if (each === 'end' && live) expect(done).toBe(marked);
        if (each === 'cancelRunning') marked ||= done;
        if (done && each !== 'end') won.push(each);
      }
      expect(won.filter((each) => each === 'begin' || each === 'cancelQueued').length).toBeLessThanOrEqual(1);
      if (won.includes('cancelQueued')) expect(won).toEqual(['cancelQueued']);
    }),
    { numRuns: 500 },
  );
});

function aCall(): PendingCall {
  const hears = {
    onResult() {},
    onFailed() {},
    onAsked() {},
    onCancelled() {},
    onGone() {},
    onStream() {},
    onItem() {},
  };
  return { slot: 0, id: 0, label: 'job', name: undefined, cancelSeen: false, ...hears };
}

test('a call table reuses slots at once, finds by slot and id, lists by age, and asks for a buffer only when it needs one', () => {
  const step = fc.record({ open: fc.boolean(), at: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const table = new CallTable();
      const open: PendingCall[] = [];
      const closed: PendingCall[] = [];
      let chunks = 0;
      for (const { open: opens, at } of steps) {
        if (opens || open.length === 0) {
          if (table.isFull) {
            chunks++;
            table.words.addChunk();
          }
          const call = aCall();
          table.open(call);
          open.push(call);
        } else {
          const [call] = open.splice(at % open.length, 1);
          if (call === undefined) throw new Error('unreachable');
          table.close(call);
          // Closing it twice must not free the slot twice: two calls would share it.
          table.close(call);
          closed.push(call);
        }
        expect(table.size).toBe(open.length);
        expect(new Set(open.map(({ slot }) => slot)).size).toBe(open.length);
        for (const each of open) expect(table.find(each.slot, each.id)).toBe(each);
        for (const each of closed) expect(table.find(each.slot, each.id)).toBeUndefined();
      }
      expect(table.list()).toEqual(open);
      expect(chunks).toBeLessThanOrEqual(1);
    }),
    { numRuns: 100 },
  );
});
