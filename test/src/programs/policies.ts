// A callback fails and nobody awaits it; the argument is the policy.
import { WorkerLoop, type UnhandledPolicy } from 'offloop';

import { basic, faulty, say } from './lib.ts';

const policy = process.argv[2] ?? '';
if (policy === 'listener-throws') {
  process.on('uncaughtException', (error) => say(`caught: ${error.message}`));
  const loop = new WorkerLoop();
  loop.on('error', () => {
    throw new Error('from the listener');
  });
  await Promise.allSettled([loop.run(basic.add(1, 1)), loop.run(faulty.fail('awaited'))]);
  // The outcomes of the last two arrive in one message: the first of a turn leaves at once, the rest of it together.
  void loop.run(basic.add(1, 1));
  void loop.run(basic.add(1, 1));
  loop.callSoonThreadsafe(faulty.fail, 'nobody awaits this');
  const sum = await loop.run(basic.add(1, 1));
  await loop.close();
  say(`sum: ${sum}`);
} else {
  const loop = new WorkerLoop({ name: 'policed', onUnhandled: policy as UnhandledPolicy });
  loop.on('error', () => say('the listener was called'));
  loop.callSoonThreadsafe(faulty.fail, 'nobody awaits this');
  await loop.run(basic.add(1, 1));
  await loop.close();
  say(`ended, unhandled: ${loop.stats().unhandled}`);
}
