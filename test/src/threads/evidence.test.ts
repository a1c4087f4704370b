// What a loop tells of itself: where its thread is, where it spends its time, how long calls wait and run.
import { once } from 'node:events';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

import { InspectionError, jobModule, sleep, WorkerLoop, type CpuProfile, type Future, type StallInfo } from 'offloop';
import { describe, expect, test } from 'vitest';

import { timed } from '../timed.js';
import {
  basic,
  failureOf,
  faulty,
  openGate,
  quickest,
  reported,
  runProgram,
  shared,
  sharedWords,
  thrownBy,
  until,
} from './support.js';

const stuck = jobModule<typeof import('../jobs/stuck.js')>(new URL('../jobs/stuck.js', import.meta.url));
const lost = jobModule<typeof import('../jobs/lost.js')>(new URL('../jobs/lost.js', import.meta.url));
const nested = jobModule<typeof import('../jobs/watching.js')>(new URL('../jobs/watching.js', import.meta.url));

/** Have a loop run a job that is outside of JavaScript until `end` is called; resolves when it is there. */
async function outside(loop: WorkerLoop): Promise<{ end: () => Future<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-evidence-'));
  const [begun, ended] = [join(folder, 'begun'), join(folder, 'ended')];
  const job = loop.run(lost.blockOutsideUntil(begun, ended));
  await until(() => existsSync(begun), 'the begin of the job');
  return {
    end() {
      writeFileSync(ended, '');
      return job;
    },
  };
}

/** Break off a job that blocks its thread. */
async function breakOff(job: Future<unknown>): Promise<Error> {
  job.cancel({ force: true, graceMs: 0 });
  return failureOf(job);
}

/** The share of the samples of a profile that were taken in a function, itself or what it called. */
function shareOf(name: string, { nodes, samples = [] }: CpuProfile): number {
  const inside = new Set<number>();
  const add = (id: number): void => {
    inside.add(id);
    for (const child of nodes.find((node) => node.id === id)?.children ?? []) add(child);
  };
  for (const { id, callFrame } of nodes) if (callFrame.functionName === name) add(id);
  return samples.filter((id) => inside.has(id)).length / samples.length;
}

describe('profile()', () => {
  // A question has a second for its answer, which a machine may stand still.
  test('of a thread that a job blocks for ever shows the job, and the job goes on', timed, async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const job = loop.run(stuck.forever(words));
    await reported(words);
    const profile = await loop.profile(200);
    // What comes first is taken for the function that has called it.
    expect(shareOf('forever', profile)).toBeGreaterThan(0.4);
    expect(profile.endTime - profile.startTime).toBeGreaterThan(190_000);
    expect(job.state).toBe('running');
    expect(await breakOff(job)).toMatchObject({ rung: 'interrupt' });
    expect(await loop.run(stuck.count())).toBe(1);
  });

  test('of a loop at work; two at a time do not end each other', timed, async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const job = loop.run(stuck.forever(words));
    await reported(words);
    const [long, short] = await Promise.all([loop.profile(150), loop.profile(20)]);
    expect(long.endTime - long.startTime).toBeGreaterThan(short.endTime - short.startTime);
    // How much of it depends on how much of a core the thread gets.
    expect(shareOf('forever', long)).toBeGreaterThan(0);
    await breakOff(job);
  });

  test('of a loop that ends meanwhile, or has ended, or is outside of JavaScript, rejects and says why', async () => {
    const loop = new WorkerLoop({ name: 'short' });
    await loop.run(stuck.count());
    const profile = failureOf(loop.profile(60_000));
    // The profile has begun when this is answered.
    await loop.stackTrace();
    await loop.close();
    const error = await profile;
    expect(error).toBeInstanceOf(InspectionError);
    expect(error).toMatchObject({ code: 'OFFLOOP_NOT_INSPECTABLE' });
    expect(error.message).toMatch(/^loop 'short' cannot be profiled: /);
    expect((await failureOf(loop.profile(10))).message).toMatch(/its thread has ended/);

    await using waiting = new WorkerLoop();
    const { end } = await outside(waiting);
    expect((await failureOf(waiting.profile(10))).message).toMatch(/did not answer within .*outside of JavaScript/);
    await end();
  });

  test.each([0, -1, Infinity, Number.NaN, '10'])('refuses %s', async (ms) => {
    await using loop = new WorkerLoop();
    expect(await failureOf(loop.profile(ms as number))).toMatchObject({ code: 'OFFLOOP_INVALID_ARGUMENT' });
  });

  test('where the permission model forbids it, says so', async () => {
    const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
    const { stdout } = await runProgram('permission-profile', {
      execArgv: ['--no-warnings', flag, '--allow-fs-read=*', '--allow-worker'],
    });
    expect(stdout).toMatch(/^OFFLOOP_NOT_INSPECTABLE loop 'closed-in' cannot be profiled: .*--permission/);
  });
});

test(
  'a loop whose owner is a worker: its stack, its profile, and the interrupt of a job work all the same',
  timed,
  async () => {
    await using loop = new WorkerLoop();
    const { rung, stack, names } = await loop.run(nested.lookIntoOwn());
    expect(rung).toBe('interrupt');
    expect(stack).toMatch(/at (?:Module\.)?forever .*stuck\.js/);
    expect(names).toContain('forever');
  },
);

describe("'stalled'", () => {
  test.each(['ring', 'port'] as const)('tells a job that blocks its thread, once, over the %s lane', async (lane) => {
    await using loop = new WorkerLoop({ stalledMs: 60, lane });
    const told: StallInfo[] = [];
    loop.on('stalled', (info) => told.push(info));
    const words = sharedWords();
    const begun = performance.now();
    const job = loop.run(stuck.forever(words));
    await until(() => told.length > 0, 'that it is told');
    const elapsed = performance.now() - begun;
    // As long again as four of the times after which it might be told a second time.
    await sleep(4 * 60);
    await breakOff(job);
    expect(told).toEqual([
      {
        job: 'forever',
        ms: expect.any(Number) as number,
        stack: expect.stringMatching(/forever .*stuck\.js/) as string,
      },
    ]);
    expect(told[0]?.ms).toBeGreaterThanOrEqual(60);
    // How soon it is told is in host/stall-watch.test.ts, where no machine is late.
    expect(told[0]?.ms).toBeLessThanOrEqual(elapsed);
    const again = loop.run(stuck.forever(words));
    await until(() => told.length > 1, 'that the next one is told');
    await breakOff(again);
    expect(told).toHaveLength(2);
  });

  test('tells one that blocks after an await, by its stack, and one that is outside of JavaScript, by its name', async () => {
    await using loop = new WorkerLoop({ stalledMs: 60 });
    await loop.run(basic.add(1, 1));
    const first = once(loop, 'stalled') as Promise<[StallInfo]>;
    const words = sharedWords();
    const job = loop.run(nested.blockLaterAtGate(words));
    const [after] = await first;
    expect(after.job).toBeUndefined();
    expect(after.stack).toMatch(/busyAtGate/);
    openGate(words);
    await job;
    const second = once(loop, 'stalled') as Promise<[StallInfo]>;
    const { end } = await outside(loop);
    expect(await second).toMatchObject([{ job: 'blockOutsideUntil', stack: '' }]);
    await end();
  });

  test('tells nothing of jobs that are long in all, short at a time, or of a thread that is idle', async () => {
    await using loop = new WorkerLoop({ stalledMs: 300 });
    let told = 0;
    loop.on('stalled', () => told++);
    // What is told is told each time; a machine that stalls in the middle of a part makes it long once.
    for (let round = 0; round < 4; round++) {
      told = 0;
      await loop.run(nested.blockInParts(25, 20));
      await loop.run(basic.sleepFor(400));
      if (told === 0) break;
    }
    expect(told).toBe(0);
  });

  test('one who comes when the thread is blocked already is told', async () => {
    await using loop = new WorkerLoop({ stalledMs: 50 });
    const words = sharedWords();
    const job = loop.run(stuck.forever(words));
    await reported(words);
    expect(await once(loop, 'stalled')).toMatchObject([{ job: 'forever' }]);
    await breakOff(job);
  });
});

describe('stats()', () => {
  test('tells how long calls wait and run, how busy the thread is, and its heap', async () => {
    await using loop = new WorkerLoop();
    await loop.run(basic.add(1, 1));
    const begun = performance.now();
    const before = loop.stats();
    expect(before).toMatchObject({ waitTime: { count: 1 }, runTime: { count: 1 }, lost: false, zombies: 0 });
    expect(before.heap.used).toBeGreaterThan(1e6);
    expect(before.heap.total).toBeGreaterThan(before.heap.used);
    // Ten jobs of 20 ms, one behind the other: they run for 20 and wait for up to 180.
    await Promise.all(Array.from({ length: 10 }, () => loop.run(nested.busyFor(20))));
    const { waitTime: waiting, runTime: running, utilization } = loop.stats();
    expect(running.count).toBeGreaterThan(3);
    expect(running.max).toBeGreaterThanOrEqual(20);
    expect(running.p99).toBeGreaterThan(18);
    expect(waiting.max).toBeGreaterThan(60);
    const elapsed = performance.now() - begun;
    const busy = performance.eventLoopUtilization(utilization, before.utilization);
    expect(busy.active).toBeGreaterThan(150);
    // It is idle before and after them alone, however long this thread takes to ask.
    expect(busy.idle).toBeLessThan(elapsed - 150);
  });

  test('counts what a call awaits as running, the delay of one for later not as waiting, and no call twice', async () => {
    await using loop = new WorkerLoop();
    await loop.run(basic.sleepFor(50));
    const { runTime: running, waitTime: waiting } = loop.stats();
    expect(running.p50).toBeGreaterThan(45);
    expect(waiting.max).toBeGreaterThan(0);
    const words = sharedWords();
    const asked = performance.now();
    loop.callLaterThreadsafe(400, shared.count, words);
    await reported(words);
    await loop.run(basic.add(1, 1));
    const late = performance.now() - asked - 400;
    const after = loop.stats();
    expect([after.runTime.count, after.waitTime.count]).toEqual([3, 3]);
    // A machine that is late is late for it, too.
    expect(after.waitTime.max).toBeLessThan(Math.max(380, waiting.max + 1, late * 1.1));
    await failureOf(loop.run(faulty.failAsync('x')));
    const sleeper = loop.run(basic.sleepFor(60_000));
    // A cancel before it begins would leave nothing to count.
    await until(() => sleeper.state === 'running', 'the beginning of the last call');
    sleeper.cancel();
    await failureOf(sleeper);
    // The second comes right behind the first, and may be left out. The thread counts after it has told.
    await until(() => loop.stats().runTime.count >= 4, 'the count of the last calls');
    expect(loop.stats().runTime.count).toBeLessThanOrEqual(5);
  });

  test('answers at once while the thread is blocked, and can be asked for thousands of times a second', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const job = loop.run(shared.blockAtGate(words));
    await reported(words);
    // Some microseconds each.
    const took = await quickest(200, () => {
      for (let i = 0; i < 1000; i++) loop.stats();
    });
    expect(took).toBeLessThan(200);
    expect(loop.stats()).toMatchObject({ inFlight: 1, waitTime: { count: 1 }, runTime: { count: 0 } });
    openGate(words);
    await job;
    await until(() => loop.stats().runTime.count === 1, 'the end of the job');
  });
});

test('options that make no sense are refused', () => {
  expect(thrownBy(() => new WorkerLoop({ stalledMs: -1 })).message).toMatch(/stalledMs .*0 or more; got -1/);
});
