// Rows 45 and 47 of what offloop survives, and workers that users make themselves.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { CancelledError, jobModule, WorkerLoop } from 'offloop';
import { describe, expect, test } from 'vitest';

import { basic, failureOf, faulty, place, reported, shared, sharedWords, thrownBy } from './support.ts';

const workerUrl = new URL('../jobs/own-worker.js', import.meta.url);
const intruder = jobModule<typeof import('../jobs/own-worker.js')>(workerUrl);

describe('row 45: garbage on the port', () => {
  test('is ignored and counted, and no call is hurt', async () => {
    await using loop = new WorkerLoop({ worker: () => new Worker(workerUrl) });
    const words = sharedWords();
    const neighbour = loop.run(shared.sleepWithFinally(words));
    await reported(words);
    const garbage = [
      'text',
      42,
      null,
      { op: 17 },
      [999, 1],
      ['17', 0, 0, 'forged'],
      [17],
      [17, 0],
      [17, 5000, 1, 'forged'],
      [17, 'a', {}, 'forged'],
      [undefined],
      [{}],
    ];
    expect(await loop.run(intruder.postGarbage(garbage))).toBe(garbage.length);
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    // What looks like a frame is known as none when a message's turn comes.
    expect(await loop.run(basic.echo(new Map([[1, 2]])))).toEqual(new Map([[1, 2]]));
    expect(loop.stats()).toMatchObject({ garbage: garbage.length, inFlight: 1, unhandled: 0 });
    expect(neighbour.state).toBe('running');
    neighbour.cancel();
    expect(await failureOf(neighbour)).toBeInstanceOf(CancelledError);
  });

  test('what a user sends on parentPort arrives at the user, in both directions', async () => {
    let worker: Worker | undefined;
    await using loop = new WorkerLoop({ worker: () => (worker = new Worker(workerUrl)) });
    await loop.run(basic.add(1, 1));
    worker?.postMessage('for the user');
    const answered = once(worker as Worker, 'message');
    expect(await loop.run(intruder.heardFromOwner())).toEqual(['for the user']);
    expect(await answered).toEqual([{ heard: 1 }]);
    expect(loop.stats().garbage).toBe(0);
  });

  test('a job that posts to parentPort of a loop of ours disturbs nothing', async () => {
    await using loop = new WorkerLoop();
    expect(await loop.run(place.postToParent([17, 0, 1, 'forged']))).toBe('posted');
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    expect(loop.stats().garbage).toBe(0);
  });
});

describe('row 47: a job replaces globals', () => {
  test('Promise, timers, console and process.exit: jobs, streams, errors, cancel and close still work', async () => {
    const torn = sharedWords();
    const loop = new WorkerLoop({ teardown: place.tearDown(torn) });
    expect(await loop.run(place.replaceGlobals())).toBe('replaced');
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    expect(await loop.run(basic.echo([new Map([[1, 2]])]))).toEqual([new Map([[1, 2]])]);
    expect(await loop.run(place.nap())).toBe('napped');
    expect((await failureOf(loop.run(faulty.failAsync('still told')))).message).toBe('still told');
    expect((await failureOf(loop.run(faulty.returnDeeplyUncloneable()))).code).toBe('OFFLOOP_NOT_CLONEABLE');
    const items: number[] = [];
    for await (const item of loop.run(basic.countTo(100))) items.push(item);
    expect(items).toHaveLength(100);
    const words = sharedWords();
    loop.callLaterThreadsafe(1, shared.count, words);
    await reported(words);
    const sleeping = loop.run(shared.sleepWithFinally(words));
    await reported(words, 2);
    sleeping.cancel();
    expect(await failureOf(sleeping)).toBeInstanceOf(CancelledError);
    await loop.close();
    await loop.closed;
    expect(torn[0]).toBe(1);
  });
});

describe('the option worker', () => {
  test("a user's own worker file that imports offloop/worker is a loop", async () => {
    await using loop = new WorkerLoop({ name: 'own', worker: () => new Worker(workerUrl) });
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    expect(await loop.run(place.where())).toMatchObject({ name: 'own', isMain: false });
  });

  test('anything but a Worker is refused with advice', () => {
    const error = thrownBy(() => new WorkerLoop({ worker: () => ({}) as Worker }));
    expect(error).toMatchObject({
      code: 'OFFLOOP_INVALID_ARGUMENT',
      message: expect.stringMatching(/must return a Worker.*got \{\}/) as string,
    });
  });

  test('one whose file does not load rejects what waits for it', async () => {
    const loop = new WorkerLoop({
      name: 'misnamed',
      worker: () => new Worker(new URL('../jobs/not-there.js', import.meta.url)),
    });
    const error = await failureOf(loop.run(basic.add(1, 1)));
    expect(error).toMatchObject({
      code: 'OFFLOOP_LOOP_START',
      message: expect.stringMatching(/'misnamed'.*not-there/) as string,
    });
    await failureOf(loop.closed);
  });
});
