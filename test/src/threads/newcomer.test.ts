// What a newcomer who knew only the README stumbled over, each as the test that names it.
import { jobModule, WorkerLoop } from 'offloop';
import { expect, test } from 'vitest';

import { failureOf, runProgram } from './support.ts';

const basic = jobModule<typeof import('../jobs/basic.js')>(new URL('../jobs/basic.js', import.meta.url));
const jobs = jobModule<typeof import('../jobs/review.js')>(new URL('../jobs/review.js', import.meta.url));

test('a coroutine or a future as an argument is a forgotten await, and is told as one', async () => {
  await using loop = new WorkerLoop();
  const running = loop.run(basic.add(1, 2));
  for (const forgotten of [basic.add(1, 2), running, loop.run(jobs.ticks())]) {
    const error = await failureOf(loop.run(basic.echo(forgotten)));
    expect(error).toMatchObject({
      code: 'OFFLOOP_NOT_CLONEABLE',
      message: expect.stringMatching(/^argument 1 of echo .* has to be awaited first/) as string,
    });
  }
  expect(await running).toBe(3);
  await loop.close({ mode: 'cancel' });
});

test('a timeout tells which await it was', async () => {
  await using loop = new WorkerLoop();
  async function impatient(): Promise<void> {
    await loop.run(jobs.nap(60_000), { timeout: 10 });
  }
  expect((await failureOf(impatient())).stack).toMatch(/--- awaited from ---\n.*impatient/);
});

test('an error that nobody awaits and nobody listens for says of which job and loop it is', async () => {
  const loop = new WorkerLoop({ name: 'unheard' });
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const thrown = new Promise<Error>((resolve) => process.once('uncaughtException', resolve));
  loop.callSoonThreadsafe(jobs.throwOwnTimeout);
  expect((await thrown).stack).toContain("nobody awaited job throwOwnTimeout on loop 'unheard'");
  for (const each of listeners) process.on('uncaughtException', each);
  await loop.close();
});

test('an error without a cause shows none', async () => {
  const loop = new WorkerLoop();
  await loop.close();
  expect(Object.hasOwn(await failureOf(loop.run(basic.add(1, 1))), 'cause')).toBe(false);
});

test.each(['loop', 'default'])(
  'a program whose job module is itself does not start itself in thread after thread (%s)',
  async (how) => {
    const { code, stdout } = await runProgram('entry', { args: [how] });
    expect(stdout).toContain("entry.js is the program's own file and is being loaded as a job module");
    expect(code).toBe(0);
  },
);
