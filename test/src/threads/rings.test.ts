// Memory that a thread shares with its owner is used again, once the thread has ended.
import { existsSync, mkdtempSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jobModule, LoopPool, WorkerLoop } from 'offloop';
import { expect, test } from 'vitest';

import { basic, failureOf, faulty, until } from './support.js';

const lost = jobModule<typeof import('../jobs/lost.js')>(new URL('../jobs/lost.js', import.meta.url));

/** Counts the rings that are made, by their size, until it is disposed of. */
class RingCount {
  made = 0;
  readonly #real = SharedArrayBuffer;

  constructor() {
    globalThis.SharedArrayBuffer = new Proxy(this.#real, {
      construct: (target, [bytes]: [number]) => {
        if (bytes >= 2 ** 20) this.made++;
        return new target(bytes);
      },
    });
  }

  [Symbol.dispose](): void {
    globalThis.SharedArrayBuffer = this.#real;
  }
}

async function crash(): Promise<void> {
  const loop = new WorkerLoop({ lane: 'ring', onUnhandled: 'ignore' });
  await loop.run(basic.add(1, 1));
  expect(await failureOf(loop.run(faulty.exit(1)))).toMatchObject({ name: 'LoopCrashedError' });
  await failureOf(loop.closed);
  // What is asked of a loop that has ended does not reach the one that has its rings.
  await failureOf(loop.run(basic.add(1, 1)));
}

test('the rings of a thread that ignores its termination are of nobody else', async () => {
  const loop = new WorkerLoop({ lane: 'ring', onUnhandled: 'ignore' });
  const begun = join(mkdtempSync(join(tmpdir(), 'offloop-lost-')), 'begun');
  loop.run(lost.blockOutsideOfJavaScript(begun, 4)).catch(() => {});
  await until(() => existsSync(begun), 'the begin of the job');
  const told = once(loop, 'lost');
  const closing = loop.close({ mode: 'terminate' }).catch(() => {});
  await told;
  await closing;
  using count = new RingCount();
  await using next = new WorkerLoop({ lane: 'ring' });
  expect(await next.run(basic.add(1, 1))).toBe(2);
  expect(count.made).toBe(2);
});

test('loops that crash one after another make no new rings, and of a pool hardly any', async () => {
  using count = new RingCount();
  await crash();
  const { made } = count;
  expect(made).toBeLessThanOrEqual(2);
  for (let n = 0; n < 12; n++) await crash();
  expect(count.made).toBe(made);
  await using pool = new LoopPool({ size: 2, lane: 'ring', onUnhandled: 'ignore', restart: { intensity: 100 } });
  for (let n = 0; n < 6; n++) {
    await failureOf(pool.run(faulty.exit(1)));
    expect(await Promise.all([pool.run(basic.add(n, 1)), pool.run(basic.add(n, 2))])).toEqual([n + 1, n + 2]);
  }
  // A loop may be started before the exit of the one before it is told.
  expect(count.made).toBeLessThanOrEqual(8);
});
