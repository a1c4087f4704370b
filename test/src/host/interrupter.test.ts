import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { Inspection } from 'offloop-internal/host/inspection.js';
import { interrupt } from 'offloop-internal/host/interrupter.js';
import { OwnTurn } from 'offloop-internal/host/own-turn.js';
import { expect, test } from 'vitest';

/** Keep this thread in JavaScript, which V8 interrupts for what comes from an inspector. */
function stayBusy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('what a thread answers is heard in a turn of its own, never in the middle of what this thread does (it ruined its timers)', async () => {
  const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
  await once(worker, 'online');
  for (let round = 0; round < 3; round++) {
    let isBusy = false;
    const heard = new Promise((resolve) => {
      interrupt(worker.threadId, 0, () => resolve(isBusy ? 'in the middle' : 'in a turn'));
    });
    // Until it is attached, then while it is asked.
    for (let turn = 0; turn < 3; turn++) {
      isBusy = true;
      stayBusy(30);
      isBusy = false;
      await new Promise((resolve) => void setImmediate(resolve));
    }
    expect(await heard).toBe('in a turn');
  }
  await worker.terminate();
});

// The timer came first: a job that had been broken off was told as one that could not be, when main had been busy meanwhile.
test('an answer that has come while this thread was busy is in time, however long that was', async () => {
  const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
  await once(worker, 'online');
  const inspection = new Inspection();
  inspection.hold();
  const ask = (limitMs: number): Promise<unknown> =>
    new Promise((resolve) => {
      inspection.ask(worker.threadId, 'Runtime.evaluate', { expression: '6 * 7' }, limitMs, resolve);
    });
  const answer = { result: { result: { value: 42 } } };
  expect(await ask(10_000)).toMatchObject(answer);
  for (let round = 0; round < 3; round++) {
    // Timers come next after this.
    await new Promise((resolve) => void setImmediate(resolve));
    const asked = ask(100);
    stayBusy(200);
    expect(await asked).toMatchObject(answer);
  }
  inspection.release();
  await worker.terminate();
});

test('what arrives is handed on in order, also what arrives meanwhile, and nothing after close', async () => {
  const handled: number[] = [];
  const turns = new OwnTurn<number>((item) => {
    handled.push(item);
    if (item === 2) turns.push(4);
    if (item === 4) turns.close();
  });
  for (const item of [1, 2, 3]) turns.push(item);
  expect(handled).toEqual([]);
  while (handled.length < 4) await new Promise((resolve) => void setImmediate(resolve));
  turns.push(5);
  await new Promise((resolve) => void setImmediate(resolve));
  expect(handled).toEqual([1, 2, 3, 4]);
});
