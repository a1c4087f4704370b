// Rows 25 to 28 of what offloop survives: job modules that are missing or broken, and names that are no jobs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jobModule, ModuleLoadError, UnknownJobError, WorkerLoop, type AnyCoroutine, type Coroutine } from 'offloop';
import { describe, expect, onTestFinished, test } from 'vitest';

import { basic, failureOf, faulty, thrownBy } from './support.ts';

type Anything = Readonly<Record<string, () => Promise<unknown>>>;
const at = (name: string): URL => new URL(`../jobs/${name}.js`, import.meta.url);

/** A job module from a text, which tsc would not compile. */
function written(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('row 25: a module that cannot be loaded', () => {
  test('missing: every job of it rejects with the cause, and other modules work', async () => {
    await using loop = new WorkerLoop();
    const missing = jobModule<Anything>(at('is-not-there'));
    const futures = ['a', 'b', 'a'].map((name) => loop.run((missing[name] as () => Coroutine<unknown>)()));
    const after = loop.run(basic.add(1, 1));
    for (const future of futures) {
      const error = await failureOf(future);
      expect(error).toBeInstanceOf(ModuleLoadError);
      expect(error.code).toBe('OFFLOOP_MODULE_LOAD');
      expect(error.message).toMatch(/is-not-there\.js could not be loaded/);
      expect(error.message).toContain("new URL('./jobs.js', import.meta.url)");
      expect(error.cause).toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' });
    }
    expect(await after).toBe(2);
    const later = await failureOf(loop.run((missing['a'] as () => Coroutine<unknown>)()));
    expect(later).toBeInstanceOf(ModuleLoadError);
  });

  test('a syntax error: the cause is the SyntaxError', async () => {
    await using loop = new WorkerLoop();
    const broken = jobModule<{ a(): void }>(written('broken.mjs', 'export function a( {'));
    const error = await failureOf(loop.run(broken.a()));
    expect(error).toBeInstanceOf(ModuleLoadError);
    expect(error.cause).toBeInstanceOf(SyntaxError);
    expect(await loop.run(basic.add(1, 1))).toBe(2);
  });

  test('it throws while it loads: the cause is what it threw', async () => {
    await using loop = new WorkerLoop();
    const throwing = jobModule<Anything>(at('throws-at-load'));
    const error = await failureOf(loop.run((throwing['one'] as () => Coroutine<unknown>)()));
    expect(error).toBeInstanceOf(ModuleLoadError);
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.message).toContain('thrown while loading');
    expect(await loop.run(basic.add(1, 1))).toBe(2);
  });
});

describe('row 26: a top-level await that never settles', () => {
  test('the time to load is limited; then its jobs reject and others run', async () => {
    await using loop = new WorkerLoop({ loadTimeoutMs: 1000 });
    const hanging = jobModule<typeof import('../jobs/never-loads.js')>(at('never-loads'));
    const first = loop.run(hanging.unreachable());
    const after = loop.run(basic.add(1, 1));
    const error = await failureOf(first);
    expect(error).toBeInstanceOf(ModuleLoadError);
    expect(error.message).toMatch(/never-loads\.js was not loaded within 1000 ms.*top-level await.*loadTimeoutMs/);
    expect(await after).toBe(2);
    expect(await failureOf(loop.run(hanging.unreachable()))).toBeInstanceOf(ModuleLoadError);
  });
});

describe('row 27: a name that is not exported, or is no function', () => {
  test('missing: the error lists the names that there are', async () => {
    await using loop = new WorkerLoop();
    const wrong = basic as unknown as Readonly<Record<string, () => Coroutine<unknown>>>;
    const error = await failureOf(loop.run(wrong['fibonacci']?.() as Coroutine<unknown>));
    expect(error).toBeInstanceOf(UnknownJobError);
    expect(error.code).toBe('OFFLOOP_UNKNOWN_JOB');
    expect(error.message).toMatch(/has no export 'fibonacci'; its jobs are add, countTo, echo, fib, sleepFor/);
  });

  test('a constant or a class: the error says what it is', async () => {
    await using loop = new WorkerLoop();
    const wrong = faulty as unknown as Readonly<Record<string, () => Coroutine<unknown>>>;
    expect((await failureOf(loop.run(wrong['notAJob']?.() as Coroutine<unknown>))).message).toMatch(
      /exports 'notAJob', but it is of type number, not a function; its jobs are .*fail/,
    );
    expect((await failureOf(loop.run(wrong['AlsoNotAJob']?.() as Coroutine<unknown>))).message).toMatch(
      /'AlsoNotAJob', but it is a class/,
    );
  });

  test('a module without jobs: the error says so', async () => {
    await using loop = new WorkerLoop();
    const none = jobModule<Anything>(at('no-jobs'));
    expect((await failureOf(loop.run((none['a'] as () => Coroutine<unknown>)()))).message).toContain(
      'it exports no functions at all',
    );
  });
});

describe('row 28: names that every object inherits', () => {
  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf', '__defineGetter__'])(
    '%s is an unknown job',
    async (name) => {
      await using loop = new WorkerLoop();
      const call = (basic as unknown as Readonly<Record<string, () => Coroutine<unknown>>>)[name];
      const error = await failureOf(loop.run(call?.() as Coroutine<unknown>));
      expect(error).toBeInstanceOf(UnknownJobError);
      expect(error.message).toContain(`'${name}'`);
    },
  );

  test('one that the module does export is called', async () => {
    await using loop = new WorkerLoop();
    const names = jobModule<typeof import('../jobs/names.js')>(at('names'));
    expect(await loop.run(names.toString())).toBe('exported toString');
    expect(await loop.run(names.plain())).toBe('plain');
  });

  test('`then` is no reference: the module of references is no thenable', async () => {
    expect('then' in basic).toBe(false);
    expect((basic as { then?: unknown }).then).toBe(undefined);
    expect(await Promise.resolve(basic)).toBe(basic);
  });

  test('a reference cannot be replaced by a look-alike', async () => {
    await using loop = new WorkerLoop();
    const fake = Object.assign(() => ({}), { job: { index: 0, url: at('basic').href, name: 'add' } });
    expect(thrownBy(() => loop.callSoonThreadsafe(fake as unknown as () => AnyCoroutine))).toMatchObject({
      code: 'OFFLOOP_INVALID_ARGUMENT',
    });
  });
});

describe('jobs in .ts where .js is named', () => {
  const typescript = 'export function twice(n: number): number { return n * 2; }';
  const runsTypeScript = Boolean((process.features as { typescript?: unknown }).typescript);

  test.runIf(runsTypeScript)('the file that exists is loaded', async () => {
    await using loop = new WorkerLoop();
    const jobs = jobModule<{ twice(n: number): number }>(written('jobs.ts', typescript).replace(/ts$/, 'js'));
    expect(await loop.run(jobs.twice(4))).toBe(8);
  });

  test.runIf(!runsTypeScript)('where Node cannot run it, the error names the ways out', async () => {
    await using loop = new WorkerLoop();
    const jobs = jobModule<{ twice(n: number): number }>(written('jobs.ts', typescript).replace(/ts$/, 'js'));
    const error = await failureOf(loop.run(jobs.twice(4)));
    expect(error).toBeInstanceOf(ModuleLoadError);
    expect(error.message).toMatch(/does not run TypeScript in worker threads: compile it.*Node 22\.18.*loader/);
  });

  test('.js is loaded where .ts is named and only .js exists', async () => {
    await using loop = new WorkerLoop();
    const jobs = jobModule<{ twice(n: number): number }>(
      written('jobs.mjs', 'export const twice = (n) => n * 2;').replace(/mjs$/, 'mts'),
    );
    expect(await loop.run(jobs.twice(4))).toBe(8);
  });
});
