import { createHook } from 'node:async_hooks';

import { getMainLoop, jobModule, LoopPool, sleep, WorkerLoop } from 'offloop';
import { describe, expect, test } from 'vitest';

import {
  basic,
  failureOf,
  faulty,
  openGate,
  reported,
  runProgram,
  shared,
  sharedWords,
  thrownBy,
  until,
} from './support.js';

const jobs = jobModule<typeof import('../jobs/handles.js')>(new URL('../jobs/handles.js', import.meta.url));
const ports = jobModule<typeof import('../jobs/ports.js')>(new URL('../jobs/ports.js', import.meta.url));

describe('when the loop of a handle ends', () => {
  test.each([
    ['exits', 'LoopCrashedError 3', (loop: WorkerLoop): void => void loop.run(faulty.exit(3)).catch(() => {})],
    ['is terminated', 'LoopCrashedError -1', (loop: WorkerLoop): void => void loop.close({ mode: 'terminate' })],
  ] as const)('its thread %s: what is pending rejects with %s, further calls are refused', async (_how, first, end) => {
    await using a = new WorkerLoop();
    await using b = new WorkerLoop({ onUnhandled: 'ignore' });
    const word = sharedWords();
    const outcomes = a.run(jobs.outcomesThere(b.handle, word));
    await reported(word);
    end(b);
    expect(await outcomes).toEqual([first, 'LoopClosedError', 'LoopClosedError', 'true']);
    // The owner hears of it later.
    await b.closed.catch(() => {});
  });

  test('it closes with mode cancel: a job of another thread is cancelled like all others', async () => {
    await using a = new WorkerLoop();
    const b = new WorkerLoop();
    const word = sharedWords();
    const future = a.run(jobs.awaitThere(b.handle, word));
    await reported(word);
    await b.close({ mode: 'cancel' });
    expect(await failureOf(future)).toMatchObject({ name: 'AbortError' });
    expect(word[0]).toBe(1001);
  });

  test('a handle that was never used hears that its loop closes, while that still drains; its first use rejects at once', async () => {
    await using a = new WorkerLoop();
    await using b = new WorkerLoop({ name: 'draining' });
    await a.run(jobs.keep(b.handle));
    const word = sharedWords();
    const last = b.run(shared.waitAtGate(word));
    await reported(word);
    const closed = b.close();
    // Not the refusal of the loop: that would be a call, which it must have sent.
    expect(await a.run(jobs.useKeptWhenClosed())).toEqual([
      true,
      "loop 'draining' is closing and takes no more work; its handle stays with its thread, a loop that takes its place has another",
    ]);
    openGate(word);
    await last;
    await closed;
  });

  test('a handle that arrives after the end is closed, and its calls say so', async () => {
    await using a = new WorkerLoop();
    const b = new WorkerLoop({ name: 'over' });
    const { handle } = b;
    await b.close();
    expect(handle.isClosed).toBe(true);
    const error = await failureOf(a.run(jobs.threadOf(handle)));
    expect(error).toMatchObject({ code: 'OFFLOOP_LOOP_CLOSED' });
    expect(error.message).toContain("loop 'over' is closed");
  });

  test('resultSync in another thread does not hang', async () => {
    await using a = new WorkerLoop();
    await using b = new WorkerLoop({ onUnhandled: 'ignore' });
    expect(await a.run(jobs.exitThereSync(b.handle))).toBe('LoopCrashedError');
    await b.closed.catch(() => {});
  });

  test('in a pool another loop takes its place, with a handle of its own', async () => {
    await using a = new WorkerLoop();
    await using pool = new LoopPool({ size: 1, onUnhandled: 'ignore' });
    const former = await pool.run(jobs.ownHandle());
    expect(await a.run(jobs.threadOf(former))).toBe(former.threadId);
    await failureOf(pool.run(faulty.exit(1)));
    const next = await pool.run(jobs.ownHandle());
    expect(next).not.toBe(former);
    expect(await a.run(jobs.threadOf(next))).toBe(next.threadId);
    expect(await failureOf(a.run(jobs.threadOf(former)))).toMatchObject({ code: 'OFFLOOP_LOOP_CLOSED' });
  });
});

describe('when the thread that holds a handle ends', () => {
  test('its futures are cancelled at the other loop, and its callbacks still run', async () => {
    const a = new WorkerLoop({ onUnhandled: 'ignore' });
    await using b = new WorkerLoop();
    const word = sharedWords();
    await failureOf(a.run(jobs.callAndExit(b.handle, word)));
    // The finally block of the future's job.
    await until(() => word[0] === 1002, 'the job was not cancelled');
    expect(await b.tasks()).toMatchObject([{ job: 'waitAtGate', state: 'running' }]);
    openGate(word);
    await until(() => b.stats().inFlight === 0, 'b is idle');
    await b.close();
    expect(word[0]).toBe(1002);
  });

  test('also at the main loop', async () => {
    const a = new WorkerLoop();
    const word = sharedWords();
    await a.run(jobs.startThere(getMainLoop(), word));
    await reported(word);
    await a.close();
    await until(() => word[0] === 1001, 'the job was not cancelled');
  });
});

test('ports: a loop that was introduced once is known, however often its handle is sent; none is left at the end', async () => {
  const live = new Set<number>();
  const hook = createHook({
    init: (id, type) => void (type === 'MESSAGEPORT' && live.add(id)),
    destroy: (id) => void live.delete(id),
  }).enable();
  const before = live.size;
  const a = new WorkerLoop();
  const b = new WorkerLoop();
  expect(await a.run(ports.countPorts())).toBe(0);
  for (let n = 0; n < 50; n++) await a.run(jobs.threadOf(b.handle));
  const held = await a.run(ports.countPorts());
  expect(held).toBe(1);
  // It knows b already when a tells of it, too.
  const d = new WorkerLoop();
  expect(await d.run(ports.countPorts())).toBe(0);
  await d.run(jobs.threadOf(b.handle));
  await a.run(jobs.passOn(d.handle, b.handle));
  // One to b, one by which a calls.
  await until(() => d.run(ports.countPorts()).resultSync(1000) === 2, 'two ports are left');
  await d.close();
  for (let n = 0; n < 10; n++) {
    const c = new WorkerLoop();
    await a.run(jobs.threadOf(c.handle));
    await c.run(jobs.threadOf(a.handle));
    await c.run(jobs.threadOf(getMainLoop()));
    await c.close();
  }
  let left = -1;
  for (let tries = 0; tries < 500 && left !== held; tries++) {
    left = await a.run(ports.countPorts());
    await sleep(1);
  }
  expect(left).toBe(held);
  await a.close();
  await b.close();
  await until(() => live.size === before, `${live.size} ports are open, before there were ${before}`);
  hook.disable();
});

test('an idle handle keeps neither process nor thread alive, a future of it that is awaited does', async () => {
  const ended = await runProgram('handle-idle');
  expect(ended).toMatchObject({ code: 0, stdout: 'waits 100\nand here 50\nidle\n' });
});

test('a closed loop takes nothing from its owner either', async () => {
  const b = new WorkerLoop();
  await b.close();
  expect(thrownBy(() => b.handle.callSoonThreadsafe(shared.count, sharedWords()))).toMatchObject({
    code: 'OFFLOOP_LOOP_CLOSED',
  });
  expect(await failureOf(b.handle.run(basic.fib(1)))).toMatchObject({ code: 'OFFLOOP_LOOP_CLOSED' });
});
