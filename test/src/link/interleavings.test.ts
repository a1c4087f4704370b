import fc from 'fast-check';
import { followTasks, isFollowing } from 'offloop-internal/asyncio/ambient.js';
import { CallKind, Op } from 'offloop-internal/wire/frames.js';
import { expect, test } from 'vitest';

import { jobNames, Ledger, type Entry, type Submission } from './ledger.ts';
import { Simulation } from './simulation.ts';

type Look = (ledger: Readonly<Ledger>) => boolean;
type LinkCommand = fc.AsyncCommand<Ledger, Simulation>;

function command(
  name: string,
  possible: Look,
  run: (ledger: Ledger, sim: Simulation) => void,
  promises = false,
): LinkCommand {
  return {
    check: possible,
    async run(ledger, sim) {
      run(ledger, sim);
      if (promises) await sim.promises();
      ledger.check();
    },
    toString: () => name,
  };
}

const always: Look = () => true;
const takesWork: Look = (ledger) => !ledger.gone && ledger.closed === undefined;
const isThere: Look = (ledger) => !ledger.gone;

/** Do something with one of the calls that are in flight, or that are over. */
function onEntry(what: 'credit' | 'leave' | 'cancel' | 'cancelAgain', at: number): LinkCommand {
  const choices = (ledger: Readonly<Ledger>): Entry[] =>
    ledger.entries.filter(
      (each) =>
        each.settled === (what === 'cancelAgain') && (what === 'cancel' || what === 'cancelAgain' || each.isStream),
    );
  return command(
    `${what}(${at})`,
    (ledger) => !ledger.gone && choices(ledger).length > 0,
    (ledger) => {
      const entries = choices(ledger);
      const entry = entries[at % entries.length] as Entry;
      if (what === 'credit') ledger.credit(entry);
      else if (what === 'leave') ledger.leave(entry);
      else ledger.cancel(entry);
    },
    true,
  );
}

const submission: fc.Arbitrary<Submission> = fc.record({
  job: fc.constantFrom(...jobNames, 'stream', 'stream', 'ours'),
  kind: fc.constantFrom(CallKind.callback, CallKind.future, CallKind.future),
  lone: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  slowModule: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  delay: fc.constantFrom(0, 0, 0, 0, 5, 5, 20),
  avenges: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

/** Deliver the next message; with `lose`, a lone one does not arrive. */
function deliver(direction: 'toGuest' | 'toCaller', lose: boolean): LinkCommand {
  const possible: Look = (ledger) =>
    ledger.sim[direction].queue.length > 0 && (!lose || ledger.sim[direction].queue[0]?.lone === true);
  const run = (ledger: Ledger, sim: Simulation): void => {
    const { data } = sim[direction].queue[0] ?? {};
    const [op, slot, id] = (Array.isArray(data) ? data : []) as number[];
    if (lose) for (const each of ledger.entries) if (each.call?.slot === slot && each.call?.id === id) each.lost = true;
    // The guest goes on with a stream until it is told, and sends what nobody waits for.
    if (lose && op === Op.Item) ledger.mayHaveGarbage = true;
    sim[direction].deliver(lose);
  };
  return command(`deliver(${direction}${lose ? ', lost' : ''})`, possible, run, true);
}

const index = fc.nat(20);
const submits = submission.map((each) =>
  command(`submit(${JSON.stringify(each)})`, takesWork, (ledger) => ledger.submit(each)),
);
const moves = [
  ...Array.from({ length: 9 }, () => submits),
  fc.constant(command('submitBad', takesWork, (ledger) => ledger.submitBad())),
  index.map((at) => onEntry('cancel', at)),
  index.map((at) => onEntry('cancel', at)),
  index.map((at) => onEntry('cancelAgain', at)),
  fc.constant(deliver('toGuest', false)),
  fc.constant(deliver('toGuest', false)),
  fc.constant(deliver('toCaller', false)),
  fc.constant(deliver('toCaller', false)),
  fc.constant(deliver('toGuest', true)),
  fc.constant(deliver('toCaller', true)),
  fc.constant(command('endTurn', always, (_ledger, sim) => sim.endTurn(), true)),
  fc.constant(command('endTurn', always, (_ledger, sim) => sim.endTurn(), true)),
  fc.tuple(index, fc.boolean()).map(([at, ok]) =>
    command(
      `gate(${at}, ${ok})`,
      (ledger) => ledger.sim.gates.length > 0,
      (_ledger, sim) => {
        const [gate] = sim.gates.splice(at % sim.gates.length, 1);
        if (ok) gate?.open();
        else gate?.fail();
      },
      true,
    ),
  ),
  index.map((at) => onEntry('credit', at)),
  index.map((at) => onEntry('credit', at)),
  index.map((at) => onEntry('leave', at)),
  fc
    .integer({ min: 1, max: 12 })
    .map((ms) => command(`tick(${ms})`, always, (_ledger, sim) => sim.clock.advance(ms), true)),
  fc.constant(command('flow', always, (_ledger, sim) => sim.flow(), true)),
  fc.constant(command('flow', always, (_ledger, sim) => sim.flow(), true)),
  fc.constant(command('open', always, (_ledger, sim) => sim.open(), true)),
  fc.constant(command('gather', always, (_ledger, sim) => void sim.tickEnd.come())),
  fc.constant(command('load', always, (_ledger, sim) => sim.loadSlow(), true)),
];
const ends = [
  fc
    .constantFrom('drain' as const, 'cancel' as const)
    .map((mode) => command(`close(${mode})`, takesWork, (ledger) => ledger.close(mode), true)),
  // The thread ends: what it had posted still arrives, or is lost with it.
  fc.boolean().map((arrives) =>
    command(`crash(${arrives})`, isThere, (ledger, sim) => {
      sim.guestIsDead = true;
      sim.toGuest.receiver = undefined;
      while (arrives && sim.toCaller.queue.length > 0) sim.toCaller.deliver();
      if (arrives) sim.caller.readArrived();
      // What its jobs still write into the ring is read, and nobody waits for it.
      if (sim.lane === 'ring') ledger.mayHaveGarbage = true;
      sim.toCaller.receiver = undefined;
      ledger.lose();
    }),
  ),
  // It ignores its termination and is given up while it goes on.
  fc.constant(
    command('abandon', isThere, (ledger) => {
      ledger.mayHaveGarbage = true;
      ledger.lose();
    }),
  ),
];

/** Streams need credits, and a thread that has lost an item of one never ends it by itself: the consumer leaves. */
async function finish(ledger: Ledger): Promise<void> {
  const { sim } = ledger;
  await sim.settle(3);
  for (let round = 0; round < 6; round++) {
    for (const entry of ledger.entries) if (!ledger.gone) ledger.credit(entry);
    await sim.settle(2);
  }
}

const linkCommands = fc.commands([...Array.from({ length: 8 }, () => moves).flat(), ...ends], {
  maxCommands: 60,
  size: 'max',
});

// In this order: once tasks are followed in a thread, they stay so.
test.each([
  ['ring', 'not followed'],
  ['port', 'followed'],
  ['ring', 'followed'],
] as const)(
  '%s, tasks %s: however messages, turns, cancels, losses, closes and crashes interleave, each owner is told its one outcome once',
  async (lane, following) => {
    if (following === 'followed') followTasks();
    expect(isFollowing()).toBe(following === 'followed');
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 3 }), linkCommands, async (setup, commands) => {
        const sim = new Simulation(1000, Infinity, lane);
        sim.mayCallerSpin = setup % 2 === 1;
        if (setup > 0) sim.open();
        const ledger = new Ledger(sim);
        await fc.asyncModelRun(() => ({ model: ledger, real: sim }), commands);
        for (const what of ledger.entries.flatMap(happenings)) seen.set(what, (seen.get(what) ?? 0) + 1);
        await finish(ledger);
        ledger.checkEnd();
      }),
      { numRuns: Number(process.env['OFFLOOP_RUNS'] ?? 2000) },
    );
    // The commands do reach into the middle of things; else this test would promise more than it looks at.
    if (process.env['OFFLOOP_RUNS'] !== undefined) console.log(seen);
    for (const what of [
      'call',
      'result',
      'failed',
      'cancelled',
      'gone',
      'dropped',
      'asked',
      'over',
      'lost',
      'item',
      'left',
    ])
      expect([what, (seen.get(what) ?? 0) > 10]).toEqual([what, true]);
  },
  60_000,
);

function happenings(entry: Entry): string[] {
  const { told, cancels, lost, left, items } = entry;
  return [
    'call',
    ...told.map(({ what }) => what),
    ...cancels,
    ...(lost ? ['lost'] : []),
    ...(left ? ['left'] : []),
    ...items.map(() => 'item'),
  ];
}
