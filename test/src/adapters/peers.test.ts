import {
  CancelledError,
  gather,
  InvalidArgumentError,
  jobModule,
  LoopClosedError,
  LoopCrashedError,
  move,
  NotCloneableError,
  setDefaultExecutor,
  StreamUseError,
  type Executor,
} from 'offloop';
import { piscinaExecutor } from 'offloop/piscina';
import { tinypoolExecutor, type PeerExecutor, type PeerExecutorOptions } from 'offloop/tinypool';
import { Piscina } from 'piscina';
import { Tinypool } from 'tinypool';
import { describe, expect, expectTypeOf, test } from 'vitest';

import { trace } from '../jobs/carried.js';
import { basic, failureOf, faulty, openGate, place, reported, shared, sharedWords } from '../threads/support.js';

const carried = jobModule<typeof import('../jobs/carried.js')>(new URL('../jobs/carried.js', import.meta.url));

// Real pools of two other libraries as executors.

interface Peer extends AsyncDisposable {
  readonly executor: PeerExecutor;
  readonly threads: readonly { readonly threadId: number }[];
  /** End the pool with what it runs. */
  destroy(): Promise<void>;
}

async function threadOf({ executor }: Peer): Promise<number> {
  return (await executor.run(place.where())).threadId;
}

interface PoolOptions extends PeerExecutorOptions {
  readonly maxThreads?: number;
  readonly concurrentTasksPerWorker?: number;
}

function ofPiscina({ graceMs = 1000, ...options }: PoolOptions = {}): Peer {
  const pool = new Piscina({ minThreads: 1, maxThreads: 1, ...options });
  const destroy = (): Promise<void> => pool.destroy();
  const executor = piscinaExecutor(pool, { graceMs });
  return {
    executor,
    get threads() {
      return pool.threads;
    },
    destroy,
    [Symbol.asyncDispose]: destroy,
  };
}

function ofTinypool({ graceMs = 1000, ...options }: PoolOptions = {}): Peer {
  const pool = new Tinypool({ minThreads: 1, maxThreads: 1, ...options });
  const destroy = (): Promise<void> => pool.destroy();
  const executor = tinypoolExecutor(pool, { graceMs });
  return {
    executor,
    get threads() {
      return pool.threads;
    },
    destroy,
    [Symbol.asyncDispose]: destroy,
  };
}

describe.each([
  ['a Piscina', ofPiscina],
  ['a Tinypool', ofTinypool],
])('%s as an executor', (kind, open) => {
  test('runs jobs of job modules in its threads, with typed results', async () => {
    await using peer = open();
    const sum = peer.executor.run(basic.add(1, 2));
    expectTypeOf(await sum).toEqualTypeOf<number>();
    expect(await gather([sum, peer.executor.run(basic.fib(10)), peer.executor.run(basic.echo('x'))])).toEqual([
      3,
      55,
      'x',
    ]);
    expect(await threadOf(peer)).toBe(peer.threads[0]?.threadId);
  });

  test('is the default executor where it is set', async () => {
    await using peer = open();
    setDefaultExecutor(peer.executor);
    try {
      expect((await place.where()).threadId).toBe(peer.threads[0]?.threadId);
    } finally {
      setDefaultExecutor(undefined);
    }
  });

  test('an error keeps its class, code, properties and cause, and the thread goes on', async () => {
    await using peer = open();
    const error = await failureOf(peer.executor.run(faulty.failRichly()));
    expect(error).toMatchObject({ name: 'RangeError', code: 'E_TOP', cause: { code: 'E_MIDDLE', cause: { line: 7 } } });
    const thread = peer.threads[0]?.threadId;
    expect(await threadOf(peer)).toBe(thread);
  });

  test.each(['null', 'undefined', 'string', 'function'] as const)('throw %s rejects with a JobError', async (what) => {
    await using peer = open();
    expect(await failureOf(peer.executor.run(faulty.throwStrange(what)))).toMatchObject({ name: 'JobError' });
  });

  test('a result that cannot be sent rejects with its path, and costs no thread', async () => {
    await using peer = open();
    const thread = await threadOf(peer);
    const error = await failureOf(peer.executor.run(faulty.returnDeeplyUncloneable()));
    expect(error).toBeInstanceOf(NotCloneableError);
    expect(error).toMatchObject({ path: 'the result of returnDeeplyUncloneable.user.list[1].onClick' });
    expect(await threadOf(peer)).toBe(thread);
  });

  test('an argument that cannot be sent rejects at once with its path; one that moves does', async () => {
    await using peer = open();
    const error = await failureOf(peer.executor.run(basic.echo({ deep: () => 1 })));
    expect(error).toMatchObject({ code: 'OFFLOOP_NOT_CLONEABLE', path: 'argument 1 of echo.deep' });
    const bytes = new Uint8Array([1, 2, 3]);
    expect(await peer.executor.run(basic.echo(move(bytes)))).toEqual(new Uint8Array([1, 2, 3]));
    expect(bytes.byteLength).toBe(0);
  });

  test('a job or module that is not there rejects as on a loop', async () => {
    await using peer = open();
    const missing = (basic as unknown as { none: typeof basic.fib }).none;
    expect(await failureOf(peer.executor.run(missing(1)))).toMatchObject({ code: 'OFFLOOP_UNKNOWN_JOB' });
  });

  test('what is carried is there in the job; what cannot be rejects', async () => {
    await using peer = open();
    const as = <R>(id: string, fn: () => R, extra?: unknown): R => trace.run({ id, extra }, fn);
    const calls = ['a', 'b'].map((id) => as(id, () => peer.executor.run(carried.later())));
    const without = peer.executor.run(carried.later());
    expect(await gather([...calls, without])).toEqual(['a', 'b', undefined].map((id) => [id, id, id]));
    const call = as('c', () => peer.executor.run(carried.extra()), new Map([[1, 2]]));
    expect(await call).toEqual(new Map([[1, 2]]));
    const bad = as('d', () => peer.executor.run(carried.id()), Symbol('no'));
    expect(await failureOf(bad)).toMatchObject({ code: 'OFFLOOP_NOT_CLONEABLE', path: 'trace carried to id.extra' });
  });

  test('a queued call that was cancelled never runs', async () => {
    await using peer = open();
    const words = sharedWords();
    const blocking = peer.executor.run(shared.blockAtGate(words));
    await reported(words);
    const queued = peer.executor.run(shared.count(words));
    expect(queued.state).toBe('pending');
    expect(queued.cancel('no more')).toBe(true);
    expect(queued.state).toBe('cancelled');
    expect(await failureOf(queued)).toMatchObject({ name: 'AbortError', cause: 'no more' });
    openGate(words);
    expect(await blocking).toBe('released');
    await peer.executor.run(basic.add(1, 1));
    expect(Atomics.load(words, 0)).toBe(1);
  });

  test('a running async job is cancelled by its signal and awaits, and costs no thread', async () => {
    await using peer = open();
    const words = sharedWords();
    const thread = await threadOf(peer);
    const resting = peer.executor.run(shared.sleepWithFinally(words));
    await reported(words);
    expect(resting.state).toBe('running');
    expect(resting.cancel()).toBe(true);
    expect(resting.state).toBe('cancelling');
    expect(await failureOf(resting)).toBeInstanceOf(CancelledError);
    // Its finally block has run.
    expect(Atomics.load(words, 0)).toBe(1001);
    expect(await threadOf(peer)).toBe(thread);
  });

  test('a blocking job stops at checkCancelled(), and costs no thread', async () => {
    await using peer = open();
    const words = sharedWords();
    const thread = await threadOf(peer);
    const checking = peer.executor.run(shared.spinPolitely(words));
    await reported(words);
    checking.cancel();
    expect(await failureOf(checking)).toBeInstanceOf(CancelledError);
    expect(await threadOf(peer)).toBe(thread);
  });

  test('a job that resists its cancel costs its thread, which is replaced', async () => {
    await using peer = open({ graceMs: 10 });
    const words = sharedWords();
    const thread = await threadOf(peer);
    const spinning = peer.executor.run(shared.spin(words));
    await reported(words);
    spinning.cancel();
    expect(await failureOf(spinning)).toBeInstanceOf(CancelledError);
    expect(await threadOf(peer)).not.toBe(thread);
  });

  test('several jobs share a thread where the pool lets them, and a cancel hurts no neighbour', async () => {
    await using peer = open({ concurrentTasksPerWorker: 2, graceMs: 0 });
    const words = sharedWords();
    const neighbour = peer.executor.run(basic.sleepFor(50));
    const resting = peer.executor.run(shared.sleepWithFinally(words));
    await reported(words);
    resting.cancel();
    expect(await failureOf(resting)).toBeInstanceOf(CancelledError);
    expect(await neighbour).toBe(50);
  });

  test('a signal cancels, before and while it runs', async () => {
    await using peer = open();
    const words = sharedWords();
    const controller = new AbortController();
    const resting = peer.executor.run(shared.sleepWithFinally(words), { signal: controller.signal });
    await reported(words);
    controller.abort(new Error('enough'));
    expect(await failureOf(resting)).toMatchObject({ name: 'AbortError', cause: new Error('enough') });
    const late = peer.executor.run(shared.count(words), { signal: controller.signal });
    expect(await failureOf(late)).toMatchObject({ name: 'AbortError' });
  });

  test('a job that ends its thread rejects, and the pool goes on', async () => {
    await using peer = open();
    const error = await failureOf(peer.executor.run(faulty.exit(7)));
    expect(error).toBeInstanceOf(LoopCrashedError);
    expect(error).toMatchObject({ exitCode: 7 });
    expect(error.message).toContain(`the thread of job exit on ${kind} has ended`);
    expect(await peer.executor.run(basic.add(1, 2))).toBe(3);
  });

  test('an async generator job is refused', async () => {
    await using peer = open();
    const words = sharedWords();
    const stream = shared.produce(words, 3) as unknown as ReturnType<typeof basic.fib>;
    expect(await failureOf(peer.executor.run(stream))).toBeInstanceOf(StreamUseError);
  });

  test('ending the pool settles what runs and what waits', async () => {
    const peer = open();
    const words = sharedWords();
    const spinning = failureOf(peer.executor.run(shared.spin(words)));
    const waiting = failureOf(peer.executor.run(basic.add(1, 2)));
    await reported(words);
    await peer.destroy();
    for (const error of [await spinning, await waiting])
      expect(error instanceof LoopCrashedError || error instanceof LoopClosedError).toBe(true);
  });

  test('what is no coroutine, or was scheduled before, throws as on a loop', async () => {
    await using peer = open();
    const executor: Executor = peer.executor;
    // @ts-expect-error -- no coroutine
    expect(() => executor.run(5)).toThrow(InvalidArgumentError);
    const coroutine = basic.add(1, 2);
    await executor.run(coroutine);
    expect(() => executor.run(coroutine)).toThrow(/already scheduled/);
  });
});

test('what is no pool, a pool of processes, or a wrong option is refused', async () => {
  // @ts-expect-error -- no pool
  expect(() => piscinaExecutor({})).toThrow(/takes a Piscina/);
  // @ts-expect-error -- no pool
  expect(() => tinypoolExecutor(null)).toThrow(/takes a Tinypool/);
  const processes = new Tinypool({ runtime: 'child_process', minThreads: 0, maxThreads: 1 });
  expect(() => tinypoolExecutor(processes)).toThrow(/shares no memory/);
  const pool = new Piscina({ minThreads: 0, maxThreads: 1 });
  expect(() => piscinaExecutor(pool, { graceMs: -1 })).toThrow(InvalidArgumentError);
  await Promise.all([processes.destroy(), pool.destroy()]);
});
