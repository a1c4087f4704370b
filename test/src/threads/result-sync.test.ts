import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createTask, Future, jobModule, sleep, WorkerLoop } from 'offloop';
import { describe, expect, test } from 'vitest';

import { timed } from '../timed.ts';
import {
  basic,
  type Failure,
  failureOf,
  faulty,
  openGate,
  quickest,
  shared,
  sharedWords,
  thrownBy,
} from './support.js';

const nested = jobModule<typeof import('../jobs/nested.js')>(new URL('../jobs/nested.js', import.meta.url));
const stuck = jobModule<typeof import('../jobs/stuck.js')>(new URL('../jobs/stuck.js', import.meta.url));
const lost = jobModule<typeof import('../jobs/lost.js')>(new URL('../jobs/lost.js', import.meta.url));

describe.each(['ring', 'port'] as const)('resultSync over the %s lane', (lane) => {
  test('gives the result, of a loop that is still starting too, while this thread does not turn', async () => {
    await using loop = new WorkerLoop({ lane });
    let turned = false;
    setImmediate(() => (turned = true));
    expect(loop.run(basic.fib(10)).resultSync()).toBe(55);
    expect(turned).toBe(false);
  });

  test('gives a result that comes from a job which awaits, and one that travels on the port alone', async () => {
    await using loop = new WorkerLoop({ lane });
    expect(loop.run(basic.sleepFor(20)).resultSync()).toBe(20);
    const map = new Map([['a', 1n]]);
    expect(loop.run(basic.echo(map)).resultSync()).toEqual(map);
  });

  // As an await that is given up does: what comes of it later is no failure that nobody looks at.
  test('a failure after its time is told to nobody: who waited in vain has looked', async () => {
    await using loop = new WorkerLoop({ lane });
    const told: unknown[] = [];
    loop.on('error', (error) => told.push(error));
    const words = sharedWords();
    const blocked = loop.run(shared.blockAtGate(words));
    const future = loop.run(faulty.fail('too late'));
    expect(thrownBy(() => future.resultSync(5))).toMatchObject({ name: 'TimeoutError' });
    openGate(words);
    await blocked;
    await loop.run(basic.add(1, 1));
    // One that nobody has looked at is told in the next turn.
    await new Promise((resolve) => void setImmediate(() => setImmediate(resolve)));
    expect(future.state).toBe('failed');
    expect(told).toEqual([]);
  });

  test('a thousand in turn, mixed with calls that nobody waits for so, all have their own results', async () => {
    await using loop = new WorkerLoop({ lane });
    const others: Future<unknown>[] = [];
    for (let n = 0; n < 1000; n++) {
      others.push(loop.run(basic.echo(-n)));
      expect(loop.run(basic.echo(n)).resultSync(5000)).toBe(n);
    }
    expect(await Promise.all(others)).toEqual(Array.from({ length: 1000 }, (_, n) => -n));
  });

  test('throws what the job throws', async () => {
    await using loop = new WorkerLoop({ lane });
    const future = loop.run(faulty.fail('no luck'));
    expect(() => future.resultSync()).toThrow('no luck');
    expect(future.state).toBe('failed');
  });

  test('throws TimeoutError after its time, and the job goes on', async () => {
    await using loop = new WorkerLoop({ lane });
    const words = sharedWords();
    const future = loop.run(shared.waitAtGate(words));
    expect(() => future.resultSync(5)).toThrow(/not done after 5 ms; it goes on/);
    openGate(words);
    expect(await future).toBe('released');
  });

  test("lets the job's own time-out expire, although no timer fires here", async () => {
    await using loop = new WorkerLoop({ lane });
    const future = loop.run(basic.sleepFor(60_000), { timeout: 20 });
    expect(() => future.resultSync()).toThrow(expect.objectContaining({ name: 'TimeoutError' }));
  });

  test.each([
    ['exits', () => faulty.exit(3)],
    ['is terminated for its memory', () => faulty.fillMemory()],
  ] as const)('does not hang when the thread %s', async (_how, job) => {
    await using loop = new WorkerLoop({ lane, resourceLimits: { maxOldGenerationSizeMb: 20 } });
    const future = loop.run(job() as ReturnType<typeof faulty.exit>);
    expect(() => future.resultSync()).toThrow(expect.objectContaining({ code: 'OFFLOOP_LOOP_CRASHED' }));
    await expect(future).rejects.toThrow(expect.objectContaining({ code: 'OFFLOOP_LOOP_CRASHED' }));
  });

  test('works inside a job, for a loop of its own thread', async () => {
    await using loop = new WorkerLoop({ lane });
    expect(await loop.run(nested.fibInALoopOfItsOwn(lane, 12))).toBe(144);
  });
});

test('resultSync of what this thread has to settle itself is refused at once', () => {
  const { future } = Future.withResolvers();
  expect(() => future.resultSync()).toThrow(/this very thread has to settle/);
  const task = createTask(() => sleep(1));
  expect(() => task.resultSync()).toThrow(/this very thread has to settle/);
});

test('resultSync of a future that has settled is its result', () => {
  const { future, resolve } = Future.withResolvers<number>();
  resolve(4);
  expect(future.resultSync(0)).toBe(4);
});

test('resultSync refuses a time that is none', async () => {
  await using loop = new WorkerLoop();
  const future = loop.run(basic.echo(1));
  expect(() => future.resultSync(-1)).toThrow(/resultSync.*-1/);
  await future;
});

describe('resultSync of a job that blocks its thread beyond its timeout', () => {
  const thrown = (work: Future<unknown>): Failure & { rung?: string } => thrownBy(() => work.resultSync(10_000));

  test(
    'rejects as await does, although this thread is blocked, too: the job is interrupted and the thread lives',
    timed,
    async () => {
      await using loop = new WorkerLoop();
      const { threadId } = loop;
      for (let round = 0; round < 3; round++) {
        const took = await quickest(700, () => {
          expect(thrown(loop.run(stuck.forever(sharedWords()), { timeout: 30 }))).toMatchObject({ rung: 'interrupt' });
        });
        // Far less than the second after which a thread that does not answer would be ended.
        expect(took).toBeLessThan(700);
      }
      expect(await loop.run(basic.add(1, 1))).toBe(2);
      expect(loop.threadId).toBe(threadId);
    },
  );

  test('outside of JavaScript: rejects, and its thread is ended', async () => {
    const loop = new WorkerLoop({ onUnhandled: 'ignore' });
    const begun = join(mkdtempSync(join(tmpdir(), 'offloop-sync-')), 'begun');
    const error = thrown(loop.run(lost.blockOutsideOfJavaScript(begun, 3), { timeout: 200 }));
    expect(error).toMatchObject({ name: 'TimeoutError', rung: 'cancel' });
    await failureOf(loop.closed);
  });
});
