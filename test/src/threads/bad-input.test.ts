// Bad input: each a named error with a code, that tells what was given and what to do, thrown at the call.
import {
  jobModule,
  runCoroutineThreadsafe,
  WorkerLoop,
  type Coroutine,
  type RunOptions,
  type WorkerLoopOptions,
} from 'offloop';
import { afterAll, describe, expect, test } from 'vitest';

import { basic, failureOf, faulty, shared, sharedWords, thrownBy } from './support.ts';

const loop = new WorkerLoop({ name: 'asked' });
afterAll(() => loop.close());

const invalid = (pattern: RegExp): object => ({
  name: 'InvalidArgumentError',
  code: 'OFFLOOP_INVALID_ARGUMENT',
  message: expect.stringMatching(pattern) as string,
});

describe('jobModule', () => {
  test.each([
    ['a relative path', './jobs.js', /new URL\('\.\/jobs\.js', import\.meta\.url\)\); got '\.\/jobs\.js'/],
    ['a bare name', 'jobs', /got 'jobs'/],
    ['a protocol that Node cannot import', 'https://example.org/jobs.js', /takes the URL of the job module.*https:/],
    ['nothing', undefined, /got undefined/],
    ['a number', 5, /got 5/],
  ])('%s is refused with advice', (_what, url, pattern) => {
    const error = thrownBy(() => jobModule(url as string));
    expect(error).toMatchObject(invalid(pattern));
    expect(error).toBeInstanceOf(TypeError);
  });

  test('an absolute path and a file URL as a string are taken', async () => {
    const url = new URL('../jobs/basic.js', import.meta.url);
    const byPath = jobModule<typeof import('../jobs/basic.js')>(url.pathname);
    const byText = jobModule<typeof import('../jobs/basic.js')>(url.href);
    expect(await loop.run(byPath.add(1, 1))).toBe(2);
    expect(await loop.run(byText.add(1, 2))).toBe(3);
  });
});

describe('the options of WorkerLoop', () => {
  test.each([
    ['an unknown name', { nmae: 'x' }, /WorkerLoop has no option "nmae"; it has name, daemon/],
    ['a name that is no string', { name: 5 }, /option name of WorkerLoop must be a string; got 5/],
    ['a daemon that is no boolean', { daemon: 'yes' }, /option daemon of WorkerLoop must be true or false; got 'yes'/],
    ['a queue of no length', { maxQueue: 0 }, /maxQueue.*at least 1, or Infinity; got 0/],
    ['a negative time', { slowCallbackMs: -1 }, /slowCallbackMs.*milliseconds, 0 or more; got -1/],
    ['NaN', { loadTimeoutMs: NaN }, /loadTimeoutMs.*got NaN/],
    ['an unknown policy', { onUnhandled: 'explode' }, /one of 'emit', 'throw', 'warn', 'ignore'; got 'explode'/],
    ['execArgv that is no list', { execArgv: '--no-warnings' }, /execArgv.*an array/],
    ['a worker that is no function', { worker: {} }, /worker of WorkerLoop must be a function/],
    ['a setup that is a function', { setup: () => 1 }, /setup of WorkerLoop must be an object; got \[function setup\]/],
    [
      'a setup that is a promise',
      { setup: Promise.resolve() },
      /option setup of WorkerLoop takes a coroutine.*A promise is work that already runs/,
    ],
    ['no object at all', 'name', /the options of WorkerLoop must be an object; got 'name'/],
    ['null', null, /must be an object; got null/],
    ['an inherited name', JSON.parse('{"__proto__": {}}') as object, /no option "__proto__"/],
    [
      'Node options that no thread takes',
      { execArgv: ['--max-old-space-size=5'] },
      /thread of loop '.*' could not be made.*--max-old-space-size/,
    ],
  ])('%s is refused with advice', (_what, options, pattern) => {
    expect(thrownBy(() => new WorkerLoop(options as WorkerLoopOptions))).toMatchObject(invalid(pattern));
  });

  test('arguments of a setup that cannot be sent are refused, and no thread is left', () => {
    expect(thrownBy(() => new WorkerLoop({ setup: basic.echo(() => 1) }))).toMatchObject({
      code: 'OFFLOOP_NOT_CLONEABLE',
      message: expect.stringContaining('arguments of the setup') as string,
    });
  });
});

describe('loop.run', () => {
  test.each([
    [
      'a promise',
      Promise.resolve(1),
      /takes a coroutine.*loop\.run\(jobs\.fib\(30\)\); got Promise.*A promise is work that already runs in this thread/,
    ],
    [
      'a closure',
      () => 1,
      /got \[function \(anonymous\)\]\. A function cannot travel to another thread: export it from a job module/,
    ],
    ['a job reference that was not called', basic.add, /got \[function add\]/],
    ['the result of another library', { then: 1 }, /takes a coroutine.*got \{ then: 1 \}/],
    ['nothing', undefined, /got undefined/],
  ])('%s instead of a coroutine is refused with advice', (_what, value, pattern) => {
    expect(thrownBy(() => loop.run(value as unknown as Coroutine<number>))).toMatchObject(invalid(pattern));
    expect(thrownBy(() => runCoroutineThreadsafe(value as unknown as Coroutine<number>, loop))).toMatchObject(
      invalid(pattern),
    );
  });

  test('a coroutine that was scheduled before is refused, whoever scheduled it', async () => {
    const coroutine = basic.add(1, 1);
    expect(await loop.run(coroutine)).toBe(2);
    const reused = {
      name: 'InvalidStateError',
      code: 'OFFLOOP_COROUTINE_REUSED',
      message: expect.stringMatching(
        /<Coroutine add\(1, 1\) scheduled> was already scheduled.*call the job again/,
      ) as string,
    };
    expect(thrownBy(() => loop.run(coroutine))).toMatchObject(reused);
    const awaited = basic.add(1, 1);
    await awaited;
    expect(await failureOf((async () => awaited)())).toMatchObject(reused);
  });

  test('a coroutine that was refused for its options is still good', async () => {
    const coroutine = basic.add(1, 1);
    expect(thrownBy(() => loop.run(coroutine, { timeot: 5 } as RunOptions))).toMatchObject(
      invalid(/run has no option "timeot"; it has signal, timeout, name, transfer/),
    );
    expect(await loop.run(coroutine)).toBe(2);
  });

  test.each([
    ['signal', {}, /option signal of run must be an AbortSignal; got \{\}/],
    ['timeout', '5s', /option timeout of run must be a number of milliseconds, 0 or more; got '5s'/],
    ['name', 5, /option name of run must be a string/],
    ['transfer', new ArrayBuffer(1), /option transfer of run must be an array/],
  ])('the option %s of a wrong type is refused, and nothing runs', async (name, value, pattern) => {
    const words = sharedWords();
    expect(thrownBy(() => loop.run(shared.count(words), { [name]: value }))).toMatchObject(invalid(pattern));
    await loop.run(basic.add(1, 1));
    expect(words[0]).toBe(0);
  });

  test('runCoroutineThreadsafe with its arguments the wrong way round is refused', () => {
    expect(
      thrownBy(() =>
        runCoroutineThreadsafe(loop as unknown as Coroutine<number>, basic.add(1, 1) as unknown as WorkerLoop),
      ),
    ).toMatchObject(invalid(/a coroutine and then a loop; got <Coroutine add/));
  });
});

describe('callbacks, close and a closed loop', () => {
  test('callSoonThreadsafe takes a job reference, not a coroutine and not a closure', () => {
    expect(thrownBy(() => loop.callSoonThreadsafe(basic.add(1, 1) as never))).toMatchObject(
      invalid(/takes a job reference and its arguments.*got <Coroutine add\(1, 1\)>/),
    );
    expect(thrownBy(() => loop.callSoonThreadsafe((() => 1) as never))).toMatchObject(
      invalid(/A function of this thread cannot travel to another/),
    );
  });

  test('callLaterThreadsafe takes milliseconds first', () => {
    expect(thrownBy(() => loop.callLaterThreadsafe('5' as never, basic.add, 1, 1))).toMatchObject(
      invalid(/delay of callLaterThreadsafe must be a number of milliseconds/),
    );
    expect(thrownBy(() => loop.callLaterThreadsafe(5, faulty.fail('x') as never))).toMatchObject(
      invalid(/takes a job reference/),
    );
  });

  test('close takes its three modes', () => {
    expect(thrownBy(() => loop.close({ mode: 'gently' as never }))).toMatchObject(
      invalid(/one of 'drain', 'cancel', 'terminate'; got 'gently'/),
    );
    expect(thrownBy(() => loop.close({ grace: 5 } as never))).toMatchObject(invalid(/close has no option "grace"/));
    expect(loop.isClosed).toBe(false);
  });

  test('a closed loop says so, by name, with advice', async () => {
    const closed = new WorkerLoop({ name: 'gone' });
    await closed.close();
    const told = {
      name: 'LoopClosedError',
      code: 'OFFLOOP_LOOP_CLOSED',
      message: expect.stringMatching(/loop 'gone' is closed and takes no more work; make a new WorkerLoop/) as string,
    };
    expect(thrownBy(() => closed.callSoonThreadsafe(basic.add, 1, 1))).toMatchObject(told);
    expect(await failureOf(closed.run(basic.add(1, 1)))).toMatchObject(told);
  });
});
