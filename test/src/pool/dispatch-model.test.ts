import fc from 'fast-check';
import { expect, test } from 'vitest';

import { steps } from './model-steps.ts';
import { Model } from './model.ts';
import { Rig } from './rig.ts';

test('whatever loops and calls do, the invariants hold: window, order, no idle loop, nothing lost or sent twice', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const model = new Model();
      for (const step of all) {
        model.step(step);
        model.check();
      }
      model.finish();
    }),
    { numRuns: 100 },
  );
}, 60_000);

test('cancelling from the end of a long line costs no more than from its head', () => {
  const rig = new Rig();
  rig.loops('A');
  const calls = rig.many('long', 100_000);
  // A walk along the line for each of them would take a minute.
  expect(calls.toReversed().filter((call) => rig.dispatch.cancel(call))).toHaveLength(99_999);
  expect(rig.dispatch.waiting).toBe(0);
});
