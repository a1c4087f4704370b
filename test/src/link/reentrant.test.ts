import { CallKind } from 'offloop-internal/wire/frames.js';
import { makeRequest } from 'offloop-internal/link/call-request.js';
import { expect, test } from 'vitest';

import { Entry, Ledger, plainSubmission } from './ledger.ts';
import { fastUrl, Simulation } from './simulation.ts';

test.each(['port', 'ring'] as const)(
  '%s: a getter in an argument may make a call itself, and both arrive',
  async (lane) => {
    const sim = new Simulation(1000, Infinity, lane);
    sim.open();
    const ledger = new Ledger(sim);
    const [outer, inner, last] = [0, 1, 2].map((tag) => new Entry(ledger, tag, 0, plainSubmission)) as [
      Entry,
      Entry,
      Entry,
    ];
    const job = { index: 0, url: fastUrl, name: 'value' };
    const submit = (owner: Entry, args: readonly unknown[]): void =>
      sim.caller.submit(owner, makeRequest(job, args, CallKind.future));
    const argument = {
      before: 1,
      get calls() {
        submit(inner, [1]);
        return 2;
      },
    };
    submit(outer, [0, argument]);
    submit(last, [2]);
    await sim.settle(3);
    expect([outer, inner, last].map(({ told }) => told.map(({ what }) => what))).toEqual([
      ['result'],
      ['result'],
      ['result'],
    ]);
    expect([...sim.started].sort((a, b) => a - b)).toEqual([0, 1, 2]);
    expect(sim.caller.garbage).toBe(0);
  },
);
