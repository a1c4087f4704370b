// Closes its consumer and leaves its queue open.
import { sqliteQueue } from 'offloop/sqlite';

import { say } from './lib.js';

const queue = sqliteQueue<number>(process.argv[2] ?? '');
await queue.put(1);
const intake = queue.consume(
  () => {
    setTimeout(() => void intake.close(), 50);
    return Promise.resolve(say('done'));
  },
  { concurrency: 1, onError: (error) => say(String(error)), onDead: () => {} },
);
