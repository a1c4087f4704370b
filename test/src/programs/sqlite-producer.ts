// Puts numbers in, and says each that is stored: until it is killed.
import { sqliteQueue } from 'offloop/sqlite';

import { say } from './lib.js';

const [file = ''] = process.argv.slice(2);
const queue = sqliteQueue<number>(file);

async function produce(first: number): Promise<void> {
  for (let data = first; ; data += 10) {
    await queue.put(data);
    say(String(data));
  }
}

for (let first = 0; first < 10; first++) void produce(first);
