// Rows 21, 22 and 31: cancel.
import { getEventListeners } from 'node:events';

import {
  afterwards,
  blockThread,
  Neighbour,
  openGate,
  rejects,
  reported,
  resolves,
  runFault,
  sharedWords,
} from '../judge.ts';
import type { Row } from '../row.ts';
import { pause, type Scene } from '../scene.ts';

async function cancelBefore(scene: Scene): Promise<void> {
  const words = sharedWords();
  const options = { signal: AbortSignal.abort() };
  await runFault(scene, { job: 'count', arg: words, options, judge: (ending) => rejects(ending) });
  if (Atomics.load(words, 0) > 0) scene.find('wrong result', 'it runs all the same');
}

async function cancelQueued(scene: Scene): Promise<void> {
  const unblock = await blockThread(scene);
  const words = sharedWords();
  const controller = new AbortController();
  const call = scene.call('count', words, { signal: controller.signal });
  await pause(20);
  controller.abort();
  scene.findings.push(...rejects(await call.ending()));
  unblock();
  await afterwards(scene);
  if (Atomics.load(words, 0) > 0) scene.find('wrong result', 'it runs all the same');
}

async function cancelRunning(scene: Scene): Promise<void> {
  const controller = new AbortController();
  const options = { signal: controller.signal };
  const neighbour = await Neighbour.near(scene, options);
  const words = sharedWords();
  const call = scene.call('restLong', words, options);
  neighbour.join();
  if (!(await reported(words))) scene.find('hangs', 'it never began');
  controller.abort();
  scene.findings.push(...rejects(await call.ending()));
  await neighbour.check('lives');
  await afterwards(scene);
}

async function cancelEnded(scene: Scene): Promise<void> {
  const controller = new AbortController();
  const call = scene.call('inc', 1, { signal: controller.signal });
  scene.findings.push(...resolves(await call.ending(), (value) => value === 2));
  controller.abort();
  scene.findings.push(...resolves(await call.ending(), (value) => value === 2));
  await afterwards(scene);
}

async function countListeners(scene: Scene): Promise<void> {
  const { signal } = new AbortController();
  const calls = Array.from({ length: 20 }, (_, i) => scene.call(i % 2 === 0 ? 'inc' : 'fail', 1, { signal }));
  for (const call of calls) if ((await call.ending()).is === 'pending') scene.find('hangs', 'never settled');
  await pause(20);
  const left = getEventListeners(signal, 'abort').length;
  if (left > 0) scene.find('wrong result', `after ${calls.length} jobs, ${left} listeners are left on their signal`);
}

const cancelling: Row = {
  number: 21,
  fault: 'cancel before scheduling, while queued behind a blocking job, while running, after the end',
  owed: 'exactly one outcome; a queued cancelled job never runs; no listener left behind',
  probes: [
    { name: 'before', run: cancelBefore },
    { name: 'queued', run: cancelQueued },
    { name: 'running', run: cancelRunning },
    { name: 'ended', run: cancelEnded },
    { name: 'listeners', run: countListeners },
  ],
};

const many = 10;

const cancelOne: Row = {
  number: 22,
  fault: `cancel of the first of ${many} jobs of a thread, each with a signal of its own`,
  owed: 'the others go on',
  probes: [
    {
      name: 'one of many',
      run: async (scene) => {
        const controllers = Array.from({ length: many }, () => new AbortController());
        const words = controllers.map(() => sharedWords());
        const calls = controllers.map(({ signal }, i) =>
          scene.call(i === 0 ? 'restLong' : 'waitAtGate', words[i], { signal }),
        );
        if (!(await reported(words[0] as Int32Array))) scene.find('hangs', 'the first never began');
        controllers[0]?.abort();
        scene.findings.push(...rejects((await calls[0]?.ending()) ?? { is: 'pending' }));
        for (const each of words) openGate(each);
        const endings = await Promise.all(calls.slice(1).map((call) => call.ending()));
        const failed = endings.filter(({ is }) => is !== 'resolved');
        if (failed.length > 0) {
          const hangs = failed.some(({ is }) => is === 'pending');
          scene.find(
            hangs ? 'hangs' : 'hurts a neighbour',
            `${failed.length} others ${hangs ? 'never settle' : 'fail'}`,
          );
        }
        await afterwards(scene);
      },
    },
  ],
};

const cancelledTransfer: Row = {
  number: 31,
  fault: 'a transfer whose job is cancelled before it was sent',
  owed: 'the buffer is not detached',
  probes: [
    {
      name: 'aborted before',
      run: async (scene) => {
        const buffer = new ArrayBuffer(8);
        const options = { signal: AbortSignal.abort(), transfer: [buffer] };
        scene.findings.push(...rejects(await scene.call('echo', buffer, options).ending()));
        if (buffer.byteLength === 0) scene.find('wrong result', 'the buffer is gone');
        await afterwards(scene);
      },
    },
  ],
};

export const cancelRows: readonly Row[] = [cancelling, cancelOne, cancelledTransfer];
