import { writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { hasRedis, RedisServer } from '../redis/server.ts';
import { timed } from '../timed.ts';
import { compile, countExampleTags, docstringExamples, examplesOf, makeFolder, runProgram } from './snippets.ts';

// The examples of the docstrings may use everything that offloop exports, `jobs` (below) and `loop`. What stands in a comment
// behind a console.log, and on lines of comment right below it, is what it prints.

const folder = makeFolder('docstrings');
const examples = docstringExamples().map((example, index) => ({ ...example, name: `example${index}` }));

const jobs = `
import { expose } from 'offloop/comlink';
export class Counter {
  n = 0;
  tell: (n: number) => unknown = () => {};
  async inc(): Promise<number> { await this.tell(++this.n); return this.n; }
  onChange(tell: (n: number) => unknown): void { this.tell = tell; }
}
export function counter() { return expose(new Counter()); }
export function fib(n: number): number { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
export async function* countTo(n: number): AsyncGenerator<number> { for (let i = 1; i <= n; i++) yield i; }
export function sum(bytes: Uint8Array): number { return bytes.reduce((a, b) => a + b, 0); }
`;

function program(code: string): string {
  const names =
    'allTasks, asCompleted, type CancelledError, type Coroutine, type Executor, packError, takeCall, unpackError, carry, checkCancelled, consume, createTask, currentTask, Drop, Future, gather, getLoopHandle, getMainLoop, getRunningLoop, jobModule, LoopPool, memoryQueue, move, Queue, registerError, run, runCoroutineThreadsafe, setDefaultExecutor, shield, sleep, tickEnd, wait, waitFor, watchMainLoop, withCarried, WorkerLoop';
  const declaresJobs = /const jobs =/.test(code);
  const declaresLoop = /const loop =|using loop =/.test(code);
  const lists = [...code.matchAll(/^import \{(.*)\} from/gm)].map(([, list = '']) => list);
  const imported = new Set(lists.flatMap((list) => list.split(',').map((each) => each.trim())));
  const given = names.split(', ').filter((each) => !imported.has(each.replace('type ', '')));
  return [
    `import { ${given.join(', ')} } from 'offloop';`,
    declaresJobs ? '' : "const jobs = jobModule<typeof import('./jobs.js')>(new URL('./jobs.js', import.meta.url));",
    declaresLoop || /^export /m.test(code) ? '' : 'await using loop = new WorkerLoop({ daemon: true });',
    // It has begun to work, as that of a program has: what is measured is the example and not the start.
    declaresLoop || declaresJobs || /^export /m.test(code) ? '' : 'await loop.run(jobs.fib(1));',
    // Main programs that run until Ctrl-C get it after their first output.
    /await run\(/.test(code)
      ? "process.stdout.write = ((write) => (text: string) => { process.kill(process.pid, 'SIGINT'); return write.call(process.stdout, text); })(process.stdout.write);"
      : '',
    code,
    'export {};',
  ].join('\n');
}

function printed(code: string): string[] {
  const lines = code.split('\n');
  return lines.flatMap((line, index) => {
    const behind = /console\.log\(.*\).*?;?.*? \/\/ (.*)$/.exec(line)?.[1];
    if (behind !== undefined) return [behind];
    return /^\/\/ /.test(line) && /console\.log|^\/\/ /.test(lines[index - 1] ?? '') ? [line.slice(3)] : [];
  });
}

beforeAll(async () => {
  writeFileSync(join(folder, 'jobs.ts'), jobs);
  for (const { name, code } of examples) writeFileSync(join(folder, `${name}.ts`), program(code));
  await compile(folder);
});

describe('the examples in the docstrings', () => {
  test('are all found: of exports, of members, and of the adapters', () => {
    expect(examples.length).toBe(countExampleTags());
    const places = examples.map(({ place }) => place).join('\n');
    for (const each of ['WorkerLoop', 'callSoonThreadsafe', 'map', 'remote', 'piscinaExecutor', 'tinypoolExecutor'])
      expect(places).toMatch(new RegExp(`, ${each}$`, 'm'));
  });

  test('are taken from each docstring by itself, whatever stands around it', () => {
    const text = [
      '/** No example. */',
      'export class Shelf {',
      '  /**',
      '   * Two of them.',
      '   *',
      '   * @example',
      '   * one(); // 1',
      '   * @example',
      '   * if (two) {',
      '   *   two();',
      '   * }',
      '   */',
      '  static async take<T>(): Promise<void> {}',
      '}',
    ].join('\n');
    expect(examplesOf('shelf.ts', text)).toEqual([
      { place: 'shelf.ts:3, take', code: 'one(); // 1' },
      { place: 'shelf.ts:3 (2), take', code: 'if (two) {\n  two();\n}' },
    ]);
  });

  test.each(examples)('$place runs and prints what its comments say', timed, async ({ name, code }) => {
    const wantsRedis = code.includes('REDIS_URL');
    // They are compiled all the same.
    if ((wantsRedis && !hasRedis) || (code.includes('offloop/sqlite') && !isBuiltin('node:sqlite'))) return;
    await using redis = wantsRedis ? await RedisServer.open() : undefined;
    if (redis !== undefined) process.env['REDIS_URL'] = redis.url;
    const output = (
      await runProgram(folder, name).catch((error: { code: unknown; stdout: string; stderr: string }) => {
        // Stopped by its own Ctrl-C.
        if (error.code === 130) return error.stdout;
        throw error;
      })
    ).trim();
    const expected = printed(code)
      .map((line) => line.trim())
      .filter((line) => !line.startsWith('runs on'));
    if (expected.length > 0) expect(output.split('\n').map((line) => line.trim())).toEqual(expected);
  });
});
