// A daemon pool whose only loop is busy, or has ended, and a call that waits in the pool: awaited or not. The argument says which.
import { LoopPool } from 'offloop';

import { basic, faulty, say } from './lib.ts';

const what = process.argv[2];
const pool = new LoopPool({ size: 1, daemon: true, concurrency: 1, restart: { backoffMs: 200 } });
await pool.run(basic.add(1, 1));
if (what === 'restarting') {
  // The second restart waits for the back-off.
  for (let i = 0; i < 2; i++) await pool.run(faulty.exit(1)).catch(() => {});
} else void pool.run(basic.sleepFor(200));

if (what === 'alone') pool.run(basic.sleepFor(100)).addDoneCallback(() => say('never'));
else if (what === 'stream')
  void (async () => {
    for await (const i of pool.run(basic.countTo(2))) say(`item ${i}`);
  })();
else void pool.run(basic.sleepFor(100)).then((ms) => say(`slept ${ms}`));
say('main ends');
