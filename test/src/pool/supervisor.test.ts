import fc from 'fast-check';
import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { readPoolOptions } from 'offloop-internal/pool/pool-options.js';
import { Supervisor, type RestartPolicy } from 'offloop-internal/pool/supervisor.js';
import { describe, expect, test } from 'vitest';

const usual = {
  policy: 'permanent',
  intensity: 3,
  periodMs: 1000,
  backoffMs: 100,
  maxBackoffMs: 150,
  maxLost: 1,
} as const;

/** A supervisor whose decisions are noted with the time since the start. */
class Rig {
  readonly clock = new FakeClock(0);
  readonly told: string[] = [];
  readonly supervisor: Supervisor;

  constructor(policy: RestartPolicy = {}) {
    const note = (what: string): number => this.told.push(`${this.clock.now()} ${what}`);
    this.supervisor = new Supervisor({ ...usual, ...policy }, this.clock, {
      restart: () => note('restart'),
      reduced: () => note('reduced'),
      broke: (error, by) => note(`broke ${error?.message} by ${by}`),
    });
  }

  crash(message = 'crash'): void {
    this.supervisor.ended('crash', new Error(message));
  }
}

describe('which loops come back', () => {
  test.each([
    ['permanent', 'crash', '0 restart'],
    ['permanent', 'stopped', '0 restart'],
    ['transient', 'crash', '0 restart'],
    ['transient', 'stopped', '0 reduced'],
    ['temporary', 'crash', '0 reduced'],
    ['temporary', 'stopped', '0 reduced'],
  ] as const)('%s, and the loop has ended by a %s: %s', (policy, how, expected) => {
    const rig = new Rig({ policy });
    rig.supervisor.ended(how, undefined);
    expect(rig.told).toEqual([expected]);
  });
});

describe('back-off', () => {
  test('the first restart is at once, the next wait, twice as long each time up to a limit', () => {
    const rig = new Rig({ intensity: 10 });
    for (let i = 0; i < 4; i++) rig.crash();
    rig.clock.advance(1000);
    expect(rig.told).toEqual(['0 restart', '100 restart', '150 restart', '150 restart']);
  });

  test('a quiet period forgets', () => {
    const rig = new Rig();
    rig.crash();
    rig.clock.advance(1000);
    rig.crash();
    expect(rig.told).toEqual(['0 restart', '1000 restart']);
  });
});

describe('intensity', () => {
  test('one restart more than that in a period breaks it, with the last error, and what waits is dropped', () => {
    const rig = new Rig();
    for (const each of ['a', 'b', 'c', 'd']) rig.crash(each);
    expect(rig.told).toEqual(['0 restart', '0 broke d by restarts']);
    expect(rig.supervisor.waiting).toBe(0);
    rig.clock.advance(10_000);
    rig.crash('e');
    expect(rig.told).toHaveLength(2);
  });

  // Once its usual back-off was longer than the period: such a pool restarted for ever, and its calls never settled.
  test('the usual one is reached by loops that end half a second after their start', () => {
    const clock = new FakeClock(0);
    let broken = false;
    const { restart } = readPoolOptions({});
    const crashLater = (): void => void clock.setTimer(500, () => supervisor.ended('crash', undefined));
    const supervisor = new Supervisor(restart, clock, {
      restart: crashLater,
      reduced: () => {},
      broke: () => (broken = true),
    });
    crashLater();
    clock.advance(restart.periodMs);
    expect(broken).toBe(true);
  });

  test('none allows no restart', () => {
    const rig = new Rig({ intensity: 0 });
    rig.crash('only');
    expect(rig.told).toEqual(['0 broke only by restarts']);
  });

  test('a supervisor that was stopped restarts nothing, and is not broken', () => {
    const rig = new Rig();
    rig.crash();
    rig.crash();
    rig.supervisor.stop();
    rig.clock.advance(1000);
    rig.crash();
    expect(rig.told).toEqual(['0 restart']);
  });
});

describe('lost threads', () => {
  test('are replaced as crashed loops are, until there are more than the pool puts up with', () => {
    const rig = new Rig({ intensity: 10, backoffMs: 0 });
    rig.supervisor.ended('lost', new Error('a'));
    rig.clock.advance(100_000);
    rig.supervisor.ended('lost', new Error('b'));
    expect(rig.told).toEqual(['0 restart', '100000 broke b by lost']);
    expect(rig.supervisor.lost).toBe(2);
  });

  test('of loops that were closed count, and are not replaced', () => {
    const rig = new Rig();
    rig.supervisor.ended('lost', undefined, false);
    expect(rig.told).toEqual([]);
    rig.supervisor.ended('lost', new Error('b'), false);
    expect(rig.told).toEqual(['0 broke b by lost']);
  });
});

test('whatever comes when: each end is answered once, never more restarts in a period than allowed, broken is final', () => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom<'crash' | 'stopped' | 'lost'>('crash', 'stopped', 'crash', 'stopped', 'lost'),
    },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 1500 }) },
    { weight: 1, arbitrary: fc.constant('stop' as const) },
  );
  const policies = fc.record({
    policy: fc.constantFrom('permanent', 'transient', 'temporary'),
    intensity: fc.integer({ min: 0, max: 5 }),
    periodMs: fc.integer({ min: 1, max: 3000 }),
    backoffMs: fc.integer({ min: 0, max: 300 }),
    maxBackoffMs: fc.integer({ min: 0, max: 1000 }),
    maxLost: fc.integer({ min: 0, max: 4 }),
  } as const);
  fc.assert(
    fc.property(policies, fc.array(step, { maxLength: 60 }), (policy, steps) => {
      const clock = new FakeClock(0);
      const restarts: number[] = [];
      const decided: number[] = [];
      let reduced = 0;
      let broke = 0;
      let lost = 0;
      let brokenBy: string | undefined;
      let stopped = false;
      const supervisor = new Supervisor(policy, clock, {
        restart: () => restarts.push(clock.now()),
        reduced: () => reduced++,
        broke: (_error, by) => {
          broke++;
          brokenBy = by;
        },
      });
      for (const each of steps) {
        const before = restarts.length + supervisor.waiting + reduced + broke;
        if (typeof each === 'number') {
          clock.advance(each);
          expect(restarts.length + supervisor.waiting + reduced + broke).toBe(before);
          continue;
        }
        if (each === 'stop') {
          stopped = true;
          supervisor.stop();
          expect(supervisor.waiting).toBe(0);
          continue;
        }
        if (each === 'lost') lost++;
        const isDeaf = stopped || broke > 0;
        const tried = restarts.length + supervisor.waiting;
        supervisor.ended(each, undefined);
        if (isDeaf) expect([restarts.length + supervisor.waiting, broke <= 1]).toEqual([tried, true]);
        else if (broke === 0) {
          expect(restarts.length + supervisor.waiting + reduced).toBe(before + 1);
          if (restarts.length + supervisor.waiting > tried) decided.push(clock.now());
        }
        const recent = decided.filter((at) => clock.now() - at < policy.periodMs);
        expect(recent.length).toBeLessThanOrEqual(policy.intensity);
        if (broke === 1 && !isDeaf && brokenBy === 'restarts') expect(recent.length).toBe(policy.intensity);
        if (!stopped) expect(brokenBy === 'lost').toBe(brokenBy !== 'restarts' && lost > policy.maxLost);
        if (broke === 1) expect(supervisor.waiting).toBe(0);
      }
      expect([supervisor.restarts, supervisor.lost]).toEqual([restarts.length, lost]);
    }),
    { numRuns: 5000 },
  );
});
