// A thread has ended, and this one is blocked between its port's close and its exit, for longer than the exit may take to follow.
import { MessagePort } from 'node:worker_threads';

import { WorkerLoop, jobModule } from 'offloop';
import { remote } from 'offloop/comlink';
import { afterEach, expect, test } from 'vitest';

import type * as objects from '../jobs/objects.js';
import { failureOf, faulty } from './support.js';

const module = jobModule<typeof objects>(new URL('../jobs/objects.js', import.meta.url));
// oxlint-disable-next-line typescript/unbound-method -- called with a port as `this`
const { once } = MessagePort.prototype;
let blocks = false;

/** Whoever hears that a port is closed is blocked after that. */
MessagePort.prototype.once = function (this: MessagePort, name: string, fn: (value: unknown) => void) {
  return once.call(this, name as 'message', (value) => {
    fn.call(this, value);
    if (!blocks || name !== 'close') return;
    for (const end = performance.now() + 700; performance.now() < end;);
  });
} as typeof once;

afterEach(() => {
  blocks = false;
});

test('how it ended is told, and not that its end of the link was closed', async () => {
  for (let times = 0; times < 3; times++) {
    const loop = new WorkerLoop({ onUnhandled: 'ignore' });
    blocks = true;
    const error = await failureOf(loop.run(faulty.exit(9)));
    expect(error).toMatchObject({ name: 'LoopCrashedError', exitCode: 9 });
    expect(String(error)).not.toMatch(/link was closed/);
    blocks = false;
    await loop.close().catch(() => {});
  }
});

test('a remote object was lost with its thread, and not closed by it', async () => {
  for (let times = 0; times < 4; times++) {
    const loop = new WorkerLoop({ onUnhandled: 'ignore' });
    const counter = await remote(loop, module.counter());
    blocks = true;
    expect(await failureOf((counter as unknown as { exit(): Promise<void> }).exit())).toMatchObject({
      name: 'LoopCrashedError',
    });
    blocks = false;
    await loop.close().catch(() => {});
  }
});
