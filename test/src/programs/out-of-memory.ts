// A job fills the heap of its thread, which has a limit. In a process of its own, since not every kind of growth can be contained.
import { WorkerLoop } from 'offloop';

import { basic, faulty } from './lib.ts';

function face(error: unknown): object {
  const { code, cause } = error as { code: string; cause: { code: string } };
  return { code, cause: cause.code };
}

const loop = new WorkerLoop({
  resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 },
  onUnhandled: 'ignore',
});
const neighbour = loop.run(basic.sleepFor(1e8));
const filling = loop.run(faulty.fillMemory());
const [first, second] = await Promise.allSettled([filling, neighbour]);
const other = new WorkerLoop();
const afterwards = await other.run(basic.add(1, 1));
await other.close();
console.log(
  JSON.stringify({
    filling: face(first.status === 'rejected' && first.reason),
    neighbour: face(second.status === 'rejected' && second.reason),
    afterwards,
  }),
);
