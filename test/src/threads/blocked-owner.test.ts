// What a thread sends while its owner is blocked, beyond what the ring holds.
import { WorkerLoop } from 'offloop';
import { expect, test } from 'vitest';

import { shared, sharedWords } from './support.js';

/** A ring holds ten of them. */
const big = 100_000;

// The thread ended with what found no room in the ring: a third of the results, and the word that it ends as it was asked to, so
// that its end passed for a crash.
test.each(['drain', 'cancel'] as const)(
  'a loop that closes (%s) while its owner is blocked loses no result',
  async (mode) => {
    const loop = new WorkerLoop();
    const words = sharedWords();
    await loop.run(shared.countBig(words, 1));
    const runs = Array.from({ length: 30 }, () => loop.run(shared.countBig(words, big)));
    // All have run, and no turn of this loop has gone by: their results wait.
    while (Atomics.load(words, 0) < 31) await null;
    const closing = loop.close({ mode });
    // As long as a thread may take to end.
    Atomics.wait(words, 1, 0, 200);
    await closing;
    expect((await Promise.all(runs)).every((result) => result.length === big)).toBe(true);
  },
);
