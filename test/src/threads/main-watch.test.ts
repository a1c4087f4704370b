// A thread that watches the main loop.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { jobModule, WorkerLoop } from 'offloop';
import { expect, test } from 'vitest';

import { timed } from '../timed.js';
import { failureOf, runProgram } from './support.js';

const watching = jobModule<typeof import('../jobs/watching.js')>(new URL('../jobs/watching.js', import.meta.url));

test('onStalled is told once where main was, and the process ends by itself', timed, async () => {
  const { code, stdout, stderr } = await runProgram('main-watch', { args: ['heard'] });
  const told = JSON.parse(stdout) as { count: number; ms: number; stack: string };
  expect(told.count).toBe(1);
  expect(told.ms).toBeGreaterThanOrEqual(100);
  expect(told.ms).toBeLessThan(400);
  expect(told.stack).toMatch(/^ +at .*stuckInMain .*main-watch\.js/s);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('without a listener it is written while main is still blocked, for ever here', async () => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../programs/main-watch.js', import.meta.url)), 'for ever'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    const text = await new Promise<string>((resolve) => {
      let all = '';
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        all += chunk;
        if (all.includes('stuckInMain')) resolve(all);
      });
    });
    expect(text).toMatch(/^offloop: the main loop has been blocked for \d+ ms\n +at /);
  } finally {
    child.kill('SIGKILL');
  }
});

// A main that the machine holds up is told, too.
test.each(['idle', 'stopped'])(
  '%s: nothing of it keeps the process, and an idle main is not told',
  timed,
  async (how) => {
    const { code, stderr, ms } = await runProgram('main-watch', { args: [how, '20'], withinMs: 3000 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(ms).toBeLessThan(3000);
  },
);

test('a worker is refused', async () => {
  await using loop = new WorkerLoop();
  expect(await failureOf(loop.run(watching.watchMain()))).toMatchObject({ code: 'OFFLOOP_INVALID_STATE' });
});
