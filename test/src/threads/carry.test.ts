import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';

import { carry, CarryError, move, NotCloneableError, WorkerLoop, type ErrorContext } from 'offloop';
import { describe, expect, test } from 'vitest';

import { timed } from '../timed.ts';
import { odd, tenant, trace, type Trace } from '../jobs/carried.js';
import { as, carried as jobs, collect } from './carry-support.js';
import { basic, failureOf, openGate, place, reported, shared, sharedWords, thrownBy, until } from './support.js';

describe.each(['ring', 'port'] as const)('what is carried over the %s lane', (lane) => {
  test('is there in the job, also behind its awaits, and is nobody else’s', async () => {
    await using loop = new WorkerLoop({ lane });
    const calls = ['a', 'b', 'c'].map((id) => as(id, () => loop.run(jobs.later())));
    const without = loop.run(jobs.later());
    expect(await Promise.all(calls)).toEqual(['a', 'b', 'c'].map((id) => [id, id, id]));
    expect(await without).toEqual([undefined, undefined, undefined]);
    expect(await as('d', () => tenant.run('t', () => loop.run(jobs.all())))).toEqual(['d', 't', undefined]);
    expect(await loop.run(jobs.all())).toEqual([undefined, undefined, undefined]);
  });

  test('is copied at the call, whatever structured clone takes', async () => {
    await using loop = new WorkerLoop({ lane });
    const extra: Record<string, unknown> = { at: 1 };
    const call = trace.run({ id: 'x', extra }, () => loop.run(jobs.extra()));
    extra['at'] = 2;
    expect(await call).toEqual({ at: 1 });
    for (const each of [new Map([['k', new Date(3)]]), 'x'.repeat(100_000), new Error('as a value'), null, 12n])
      expect(await trace.run({ id: 'x', extra: each }, () => loop.run(jobs.extra()))).toEqual(each);
    const moved = new Uint8Array(4);
    expect(await as('with what moves', () => loop.run(place.lengthOf(move(moved))))).toBe(4);
  });

  test('is there in callbacks, at once and later', async () => {
    await using loop = new WorkerLoop({ lane });
    as('soon', () => loop.callSoonThreadsafe(jobs.note));
    loop.callSoonThreadsafe(jobs.note);
    const handle = as('later', () => loop.callLaterThreadsafe(5, jobs.note));
    await until(() => handle.done, 'the callback');
    expect(await loop.run(jobs.noted())).toEqual(['soon', undefined, 'later']);
  });

  test('is there in every step of a stream, whoever takes its items', async () => {
    await using loop = new WorkerLoop({ lane });
    const stream = as('stream', () => loop.run(jobs.steps(150)));
    const items = await as('consumer', () => collect(stream));
    expect(items).toHaveLength(150);
    expect(new Set(items.flat())).toEqual(new Set(['stream']));
  });

  test('goes on with what the job itself schedules', async () => {
    await using loop = new WorkerLoop({ lane });
    expect(await as('1', () => loop.run(jobs.passedOn()))).toBe('1');
    expect(await as('2', () => loop.run(jobs.awaited()))).toBe('2');
    expect(await as('3', () => loop.run(jobs.executed()))).toBe('3');
    expect(await as('4', () => tenant.run('t', () => loop.run(jobs.nested())))).toEqual(['4', 't', undefined]);
  });

  test('is not left behind by a job that enters a context, or is interrupted in one', timed, async () => {
    await using loop = new WorkerLoop({ lane });
    // So that all of these start in one callback of the port.
    const words = sharedWords();
    void loop.run(shared.blockAtGate(words));
    await reported(words);
    loop.callSoonThreadsafe(jobs.enter, 'left');
    const atOnce = loop.run(jobs.all());
    void as('carried', () => loop.run(jobs.enter('left')));
    const carried = as('carried', () => loop.run(jobs.all()));
    const after = loop.run(jobs.all());
    openGate(words);
    expect(await atOnce).toEqual([undefined, undefined, undefined]);
    expect(await carried).toEqual(['carried', undefined, undefined]);
    expect(await after).toEqual([undefined, undefined, undefined]);
    expect(await loop.run(jobs.all())).toEqual([undefined, undefined, undefined]);
    for (const job of [jobs.stuck, jobs.stuckInSomething]) {
      const call = as('stuck', () => tenant.run('t', () => loop.run(job(sharedWords()), { timeout: 20 })));
      const behind = loop.run(jobs.all());
      expect(await failureOf(call)).toMatchObject({ rung: 'interrupt' });
      expect(await behind).toEqual([undefined, undefined, undefined]);
      expect(await as('next', () => loop.run(jobs.all()))).toEqual(['next', undefined, undefined]);
      expect(await loop.run(jobs.all())).toEqual([undefined, undefined, undefined]);
    }
    const messy = as('messy', () => loop.run(jobs.messySteps()));
    for await (const id of messy) {
      expect(id).toBe('messy');
      expect(await loop.run(jobs.all())).toEqual([undefined, undefined, undefined]);
      break;
    }
  });

  test('fails its own call, and no other, where it cannot be got or sent', async () => {
    await using loop = new WorkerLoop({ lane });
    const neighbour = loop.run(jobs.later());
    const mood = new AsyncLocalStorage<() => unknown>();
    using _ = carry({ name: 'moody', get: () => mood.getStore()?.(), run: (_value, fn) => fn() });
    const failing = (get: () => unknown): Promise<Error> => mood.run(get, () => failureOf(loop.run(basic.add(1, 2))));
    const cause = new RangeError('moody');
    const threw = await failing(() => {
      throw cause;
    });
    expect(threw).toBeInstanceOf(CarryError);
    expect(threw).toMatchObject({ code: 'OFFLOOP_CARRY', cause });
    expect(threw.message).toMatch(/get\(\) of carrier 'moody' threw .*RangeError: moody.*was not made/s);
    const uncloneable = await failing(() => ({ deep: [() => {}] }));
    expect(uncloneable).toBeInstanceOf(NotCloneableError);
    expect(uncloneable).toMatchObject({ path: 'moody carried to add.deep[0]' });
    expect(await failing(() => Promise.resolve(1))).toMatchObject({ path: 'moody carried to add' });
    expect(await failing(() => basic.add(1, 1))).toBeInstanceOf(NotCloneableError);
    expect(await failing(() => move(new ArrayBuffer(8)))).toBeInstanceOf(NotCloneableError);
    expect(await failing(() => trap)).toBeInstanceOf(NotCloneableError);
    const schedule = (): unknown =>
      mood.run(
        () => Symbol('no'),
        () => loop.callSoonThreadsafe(jobs.note),
      );
    expect(thrownBy(schedule)).toBeInstanceOf(NotCloneableError);
    expect(loop.stats().inFlight).toBe(1);
    expect(await neighbour).toEqual([undefined, undefined, undefined]);
    expect(await loop.run(jobs.noted())).toEqual([]);
  });

  test('fails its own job, and no other, where it cannot be put in place', async () => {
    await using loop = new WorkerLoop({ lane });
    const during = <R>(way: typeof odd.way, fn: () => R): R => {
      odd.way = way;
      const result = fn();
      odd.way = undefined;
      return result;
    };
    const failing = (way: typeof odd.way): Promise<Error> => during(way, () => failureOf(loop.run(jobs.id())));
    const neighbour = as('neighbour', () => loop.run(jobs.later()));
    expect(await failing('throw')).toMatchObject({ name: 'CarryError', cause: { name: 'RangeError', message: 'odd' } });
    expect((await failing('never')).message).toMatch(/run\(\) of carrier 'odd' has not called its function/);
    const told = once(loop, 'error');
    expect(await during('after', () => as('all the same', () => loop.run(jobs.id())))).toBe('all the same');
    expect((await told)[0]).toMatchObject({ name: 'RangeError', message: 'too late' });
    expect(await neighbour).toEqual(['neighbour', 'neighbour', 'neighbour']);
  });

  test('comes back with the errors that nobody awaits', async () => {
    await using loop = new WorkerLoop({ lane, name: 'watched' });
    const reports: [string, ErrorContext, Trace | undefined][] = [];
    loop.on('error', (error, context) => reports.push([(error as Error).message, context, trace.getStore()]));
    const fails = async (id: string, make: () => unknown): Promise<void> => {
      const before = reports.length;
      as(id, make);
      await until(() => reports.length > before, 'a report');
    };
    await fails('1', () => loop.callSoonThreadsafe(jobs.fail, 'callback'));
    await fails('2', () => loop.run(jobs.fail('future')));
    await fails('3', () => loop.callSoonThreadsafe(jobs.failInBackground, 'background'));
    const before = reports.length;
    loop.callSoonThreadsafe(jobs.fail, 'without');
    await until(() => reports.length > before, 'a report');
    const base = { loop: 'watched', job: 'fail' };
    const carried = (id: string): object => ({ carried: { trace: { id } } });
    expect(reports).toEqual([
      ['callback', { ...base, origin: 'callback', ...carried('1') }, { id: '1' }],
      ['future', { ...base, origin: 'future', ...carried('2') }, { id: '2' }],
      ['background', { ...base, origin: 'unhandledRejection', job: undefined, ...carried('3') }, { id: '3' }],
      ['without', { ...base, origin: 'callback', carried: undefined }, undefined],
    ]);
  });

  test('is put in place without frames of the library in the stacks of errors', async () => {
    await using loop = new WorkerLoop({ lane });
    const { stack = '' } = await as('x', () => failureOf(loop.run(jobs.fail('clean'))));
    const [worker = ''] = stack.split('--- awaited from ---');
    expect(worker).toContain('carried.js');
    expect(worker).not.toContain('packages/core');
    expect(worker).not.toContain('AsyncLocalStorage');
  });

  test('changes nothing about cancels, closes and crashes', async () => {
    const loop = new WorkerLoop({ lane });
    const words = sharedWords();
    const blocker = as('a', () => loop.run(shared.blockAtGate(words)));
    await reported(words);
    const queued = as('b', () => loop.run(jobs.later()));
    expect(queued.cancel()).toBe(true);
    const soon = as('c', () => loop.callSoonThreadsafe(jobs.note));
    expect(soon.cancel()).toBe(true);
    openGate(words);
    expect(await blocker).toBe('released');
    expect(await failureOf(queued)).toMatchObject({ name: 'AbortError' });
    expect(await loop.run(jobs.noted())).toEqual([]);
    const crashed = [1, 2].map(() => as('d', () => failureOf(loop.run(jobs.exit()))));
    for (const each of await Promise.all(crashed)) expect(each).toMatchObject({ code: 'OFFLOOP_LOOP_CRASHED' });
    expect(await as('e', () => failureOf(loop.run(jobs.id())))).toMatchObject({ code: 'OFFLOOP_LOOP_CLOSED' });
  });
});

/** Throws when it is looked at. */
const trap = new Proxy(
  {},
  {
    getPrototypeOf: () => {
      throw new Error('a trap');
    },
    ownKeys: () => {
      throw new Error('a trap');
    },
  },
);
