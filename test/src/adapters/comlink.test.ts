import { jobModule, LoopClosedError, LoopCrashedError, WorkerLoop } from 'offloop';
import { proxy, releaseProxy, remote } from 'offloop/comlink';
import { expect, expectTypeOf, test } from 'vitest';

import type * as module from '../jobs/objects.js';
import { basic, failureOf, reported, runProgram, sharedWords } from '../threads/support.js';

const objects = jobModule<typeof module>(new URL('../jobs/objects.js', import.meta.url));

test('an object lives in the thread of its loop and keeps its state between calls', async () => {
  await using loop = new WorkerLoop({ name: 'home' });
  const counter = await remote(loop, objects.counter(5));
  expect(await counter.inc()).toBe(6);
  expect(await counter.inc(4)).toBe(10);
  expect(await counter.loop()).toBe('home');
  expect(await counter.limit).toBe(100);
  expectTypeOf(counter.inc).parameter(0).toEqualTypeOf<number | undefined>();
  expectTypeOf(counter.inc).returns.toEqualTypeOf<Promise<number>>();
});

test('two objects of one job are two, and an asynchronous job may give one', async () => {
  await using loop = new WorkerLoop();
  const [one, two] = await Promise.all([remote(loop, objects.plainObject()), remote(loop, objects.plainObject())]);
  await one.inc();
  expect([await one.inc(), await two.inc()]).toEqual([2, 1]);
});

test('a callback runs in the thread that gave it', async () => {
  await using loop = new WorkerLoop();
  const counter = await remote(loop, objects.counter());
  const heard: number[] = [];
  await counter.each(
    3,
    proxy((n: number) => heard.push(n)),
  );
  expect(heard).toEqual([1, 2, 3]);
});

test('an error of a method keeps its code, properties, cause and stack; the object goes on', async () => {
  await using loop = new WorkerLoop();
  const counter = await remote(loop, objects.counter());
  const error = await failureOf(counter.pay());
  expect(error).toMatchObject({ message: 'no money', code: 'E_PAYMENT', account: 7, cause: expect.any(RangeError) });
  expect(error.stack).toMatch(/Counter\.pay .*objects/);
  expect(await counter.inc()).toBe(1);
});

test('closing the loop rejects the calls in flight and all later ones', async () => {
  const loop = new WorkerLoop({ name: 'short' });
  const counter = await remote(loop, objects.counter());
  const resting = failureOf(counter.rest());
  await counter.inc();
  await loop.close();
  expect(await resting).toBeInstanceOf(LoopClosedError);
  expect(await failureOf(counter.inc())).toMatchObject({
    code: 'OFFLOOP_LOOP_CLOSED',
    message: "inc() of the object of counter was not answered: loop 'short' was closed",
  });
});

test('a crash of the thread rejects the calls in flight and all later ones with its exit code', async () => {
  const loop = new WorkerLoop();
  loop.on('error', () => {});
  const counter = await remote(loop, objects.counter());
  const resting = failureOf(counter.rest());
  expect(await failureOf(counter.exit())).toBeInstanceOf(LoopCrashedError);
  expect(await resting).toMatchObject({ code: 'OFFLOOP_LOOP_CRASHED', exitCode: 9 });
  expect(await failureOf(counter.limit)).toMatchObject({ exitCode: 9 });
  expect(await failureOf(remote(loop, objects.counter()))).toBeInstanceOf(LoopClosedError);
});

test('a thread that is blocked by a method can be terminated, and the call rejects', async () => {
  const loop = new WorkerLoop();
  const counter = await remote(loop, objects.counter());
  const words = sharedWords();
  const spinning = failureOf(counter.spin(words));
  await reported(words);
  await loop.close({ mode: 'terminate' });
  expect(await spinning).toBeInstanceOf(LoopClosedError);
});

test('an object that a method gives does not hang either when the loop ends', async () => {
  const loop = new WorkerLoop();
  const counter = await remote(loop, objects.counter());
  const child = await counter.child();
  expect(await child.inc()).toBe(1001);
  const resting = failureOf(child.rest());
  await child.inc();
  await loop.close({ mode: 'cancel' });
  expect(await resting).toMatchObject({ code: 'OFFLOOP_LOOP_CLOSED' });
  expect(await failureOf(child.inc())).toBeInstanceOf(LoopClosedError);
});

test('releasing a proxy answers what still waits, and the loop goes on', async () => {
  await using loop = new WorkerLoop();
  const counter = await remote(loop, objects.counter());
  const resting = failureOf(counter.rest());
  await counter.inc();
  counter[releaseProxy]();
  expect(await resting).toMatchObject({
    code: 'OFFLOOP_INVALID_STATE',
    message: 'rest() of the object of counter was not answered: the proxy was released',
  });
  expect(() => counter.inc()).toThrow(/released/);
  expect(await loop.run(basic.add(1, 2))).toBe(3);
});

test('a job that exposes nothing is told so, and one that gives no object does not compile', async () => {
  await using loop = new WorkerLoop();
  expect(await failureOf(remote(loop, objects.notExposed()))).toMatchObject({
    code: 'OFFLOOP_INVALID_ARGUMENT',
    message: expect.stringContaining('job notExposed'),
  });
  // @ts-expect-error -- a job whose result is no Exposed
  expect(await failureOf(remote(loop, basic.add(1, 2)))).toMatchObject({ code: 'OFFLOOP_INVALID_ARGUMENT' });
  // @ts-expect-error -- no loop
  expect(await failureOf(remote({}, objects.counter()))).toMatchObject({ code: 'OFFLOOP_INVALID_ARGUMENT' });
});

test('a cancelled making rejects, as that of any job', async () => {
  await using loop = new WorkerLoop();
  const signal = AbortSignal.abort();
  expect(await failureOf(remote(loop, objects.counter(), { signal }))).toMatchObject({ name: 'AbortError' });
});

test('a proxy and a callback of a daemon loop do not keep the process alive', async () => {
  const { code, signal, stdout } = await runProgram('remote-daemon');
  expect({ code, signal, stdout }).toEqual({ code: 0, signal: null, stdout: '1\n2\nends\n' });
});
