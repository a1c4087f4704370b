import { CancelledError, NotCloneableError, QueueFullError } from 'offloop-internal/index.js';
import { makeRequest } from 'offloop-internal/link/call-request.js';
import { placeOf, type JobPlace } from 'offloop-internal/host/job-place.js';
import type { PendingCall } from 'offloop-internal/link/call-table.js';
import { CallKind } from 'offloop-internal/wire/frames.js';
import type { CallState } from 'offloop-internal/wire/state-words.js';
import { expect, test } from 'vitest';

import { Entry, Ledger, plainSubmission, type JobKind, type Submission } from './ledger.ts';
import { fastUrl, Simulation } from './simulation.ts';

/** An open link on which these jobs were submitted; nothing is delivered yet. */
function linkWith(
  jobs: readonly (JobKind | Partial<Submission>)[],
  sim = new Simulation(),
): { sim: Simulation; ledger: Ledger; entries: Entry[] } {
  sim.open();
  const ledger = new Ledger(sim);
  for (const each of jobs) ledger.submit({ ...plainSubmission, ...(typeof each === 'string' ? { job: each } : each) });
  return { sim, ledger, entries: ledger.entries };
}

async function run(sim: Simulation): Promise<void> {
  for (let round = 0; round < 4; round++) {
    sim.flow();
    await sim.promises();
  }
  sim.flow();
}

test('a generator whose item cannot be read by its consumer is stopped, and its finally block runs', async () => {
  const { sim, ledger, entries } = linkWith(['stream']);
  await run(sim);
  // The second item is a Map, which travels alone.
  ledger.credit(entries[0] as Entry);
  for (let round = 0; round < 3; round++) {
    while (sim.toGuest.queue.length > 0) sim.toGuest.deliver();
    await sim.promises();
  }
  while (sim.toCaller.queue.length > 0) sim.toCaller.deliver(sim.toCaller.queue[0]?.lone === true);
  await run(sim);
  expect(entries[0]?.told).toMatchObject([{ what: 'failed', value: { code: 'OFFLOOP_NOT_CLONEABLE' } }]);
  expect(sim.cleaned).toEqual([0]);
  expect(sim.guest.idle).toBe(true);
});

test('a call whose argument cannot be read in the worker fails, and those before and after it do not', async () => {
  const { sim, entries } = linkWith(['value', { lone: true }, 'value']);
  while (sim.toGuest.queue.length > 0 || sim.due.length > 0) {
    const [first] = sim.toGuest.queue;
    if (first === undefined) sim.endTurn();
    else sim.toGuest.deliver(first.lone);
  }
  await run(sim);
  expect(entries.map(({ told }) => told.map(({ what }) => what))).toEqual([['result'], ['failed'], ['result']]);
  expect(sim.started).toEqual([0, 2]);
});

test('a queued call whose cancel was accepted never begins, although its frame has arrived', async () => {
  const sim = new Simulation();
  const ledger = new Ledger(sim);
  for (let tag = 0; tag < 3; tag++) ledger.submit(plainSubmission);
  sim.flow();
  ledger.cancel(ledger.entries[1] as Entry);
  sim.open();
  await run(sim);
  expect(ledger.entries[1]?.cancels).toEqual(['dropped']);
  expect(sim.started).toEqual([0, 2]);
});

test('a cancel of a running call asks, one of a finished call is refused', async () => {
  const { sim, ledger, entries } = linkWith(['ours', 'value']);
  sim.flow();
  await run(sim);
  for (const entry of entries) ledger.cancel(entry);
  await run(sim);
  expect(entries.map(({ cancels }) => cancels)).toEqual([['asked'], ['over']]);
  expect(entries.map(({ told }) => told[0]?.what)).toEqual(['cancelled', 'result']);
});

// A pool takes calls back from a loop that is stuck: a call that began in the same moment was cancelled by that.
test('a call that has not begun can be withdrawn; one that has begun goes on as if nothing had been tried', async () => {
  const { sim, entries } = linkWith(['ours', 'value']);
  expect(entries.map(({ call }) => sim.caller.withdraw(call as PendingCall))).toEqual([true, true]);
  sim.flow();
  await run(sim);
  expect(sim.started).toEqual([]);
  const { sim: later, entries: begun } = linkWith(['ours']);
  later.flow();
  await run(later);
  expect(begun.map(({ call }) => later.caller.withdraw(call as PendingCall))).toEqual([false]);
  expect(later.caller.stateOf(begun[0]?.call as PendingCall)).toBe('running');
});

test('a result that is on its way when the cancel comes wins, and the cancel says that it was too late', async () => {
  const { sim, ledger, entries } = linkWith(['value']);
  while (sim.toGuest.queue.length > 0 || sim.due.length > 0) {
    sim.endTurn();
    sim.toGuest.deliver();
    await sim.promises();
  }
  expect(entries[0]?.settled).toBe(false);
  ledger.cancel(entries[0] as Entry);
  await run(sim);
  expect(entries[0]?.cancels).toEqual(['over']);
  expect(entries[0]?.told).toEqual([{ what: 'result', value: 0 }]);
});

test('a job that swallows the cancel gives its value', async () => {
  const { sim, ledger, entries } = linkWith(['stubborn']);
  await run(sim);
  ledger.cancel(entries[0] as Entry);
  await run(sim);
  expect(entries[0]?.told).toEqual([{ what: 'result', value: 0 }]);
});

test('a job that awaits nothing of ours and returns ends cancelled, since it could not notice', async () => {
  const { sim, ledger, entries } = linkWith(['foreign']);
  await run(sim);
  ledger.cancel(entries[0] as Entry);
  await run(sim);
  expect(entries[0]?.told).toEqual([]);
  sim.gates[0]?.open();
  await run(sim);
  expect(entries[0]?.told).toMatchObject([{ what: 'cancelled', value: { name: 'AbortError' } }]);
});

test('the reason of a cancel arrives as its cause', async () => {
  const { sim, ledger, entries } = linkWith(['ours']);
  await run(sim);
  ledger.cancel(entries[0] as Entry);
  await run(sim);
  const error = entries[0]?.told[0]?.value as CancelledError;
  expect(error).toBeInstanceOf(CancelledError);
  expect(error.cause).toMatchObject({ message: 'reason 0' });
});

test('an argument that cannot be sent is refused with its path, and takes no place', () => {
  const sim = new Simulation(1);
  const ledger = new Ledger(sim);
  const job = { index: 0, url: fastUrl, name: 'value' };
  const owner = new Entry(ledger, 0, 0, plainSubmission);
  for (let round = 0; round < 3; round++) {
    expect(() => sim.caller.submit(owner, makeRequest(job, [1, { callback: () => {} }], CallKind.future))).toThrow(
      NotCloneableError,
    );
    expect(() => sim.caller.submit(owner, makeRequest(job, [1, { callback: () => {} }], CallKind.future))).toThrow(
      'argument 2 of value.callback',
    );
  }
  expect(sim.caller.size).toBe(0);
});

test('above the limit of the queue a call is refused, and below it taken again', async () => {
  const { sim, ledger } = linkWith(['value', 'value'], new Simulation(2));
  expect(() => ledger.submit(plainSubmission)).toThrow(QueueFullError);
  await run(sim);
  expect(() => ledger.submit(plainSubmission)).not.toThrow();
});

test('a job that takes long lets the next turn come before the next job, and is told as slow', async () => {
  const { sim } = linkWith(['slow', 'slow', 'value'], new Simulation(10, 1));
  while (sim.toGuest.queue.length > 0) sim.toGuest.deliver();
  sim.endTurn();
  await sim.promises();
  await run(sim);
  expect(sim.started).toEqual([0, 1, 2]);
  expect(sim.events.filter((each) => each.startsWith('slow'))).toEqual(['slow slow 2', 'slow slow 2']);
});

test('each job is announced once, and calls go by its number', () => {
  const { sim } = linkWith(['value', 'value', 'async', 'value']);
  while (sim.due.length > 0) sim.endTurn();
  const texts = sim.toGuest.queue.map(({ data }) => data as string).join('');
  expect(texts.split(fastUrl)).toHaveLength(3);
  expect(texts.split(/value|async/)).toHaveLength(3);
});

// A pool took it for one that awaits, and let others in behind a job that blocked; its kind was taken for one that awaits from then on.
test('a call that is seen to run has the thread, from the very begin', async () => {
  const { sim, entries } = linkWith(['value', 'ours', 'value']);
  const { words } = sim.guest;
  const begin = words.begin.bind(words);
  const places: JobPlace[] = [];
  words.begin = (slot, id, now) => {
    const began = begin(slot, id, now);
    places.push(...entries.filter((entry) => entry.id === id).map((entry) => placeOf(sim.caller, entry)));
    return began;
  };
  await run(sim);
  expect(places).toEqual(['onThread', 'onThread', 'onThread']);
  expect(entries.map((entry) => placeOf(sim.caller, entry))).toEqual(['over', 'awaiting', 'over']);
});

test.each([
  [['running', 'ended'], 'over'],
  [['running', 'running'], 'awaiting'],
  [['running', 'cancelling'], 'awaiting'],
] as const)('a call that was seen %j by one who finds another on the thread: %s', (states, place) => {
  const { sim, entries } = linkWith(['value']);
  const left = [...states];
  sim.caller.stateOf = () => left.shift() as CallState;
  sim.caller.hasThread = () => false;
  expect(placeOf(sim.caller, entries[0] as Entry)).toBe(place);
});
