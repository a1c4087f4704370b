// A program that consumes: until a signal (signal), or until it closes (close), with a message that nobody hears of (unheard).
import { consume, jobModule, memoryQueue, run, WorkerLoop } from 'offloop';

import { reported, say, sharedWords } from './lib.ts';

const messages = jobModule<typeof import('../jobs/messages.js')>(new URL('../jobs/messages.js', import.meta.url));
const [kind] = process.argv.slice(2);

async function untilSignal(signal: AbortSignal): Promise<void> {
  const loop = new WorkerLoop();
  const words = sharedWords();
  const queue = memoryQueue<number>();
  for (const n of [1, 2, 3]) await queue.put(n);
  const consumer = consume(queue, (n) => messages.workAtGate(n, words), { on: loop, signal });
  await reported(words);
  signal.addEventListener('abort', () => {
    say('stopping');
    Atomics.store(words, 1, 1);
  });
  say('ready');
  await consumer.closed;
  say(`done ${consumer.stats().done}, waiting ${queue.stats().waiting}`);
}

async function withoutListeners(): Promise<void> {
  const queue = memoryQueue<string>({ name: 'orders', attempts: 1 });
  const consumer = consume(queue, messages.obey);
  await queue.put('fail');
  await queue.join();
  await consumer.close();
}

if (kind === 'signal') await run(untilSignal);
else if (kind === 'unheard') await withoutListeners();
else {
  const consumer = consume(memoryQueue<string>(), messages.obey);
  // Nothing but the consumer keeps the process.
  setTimeout(() => void consumer.close().then(() => say('closed')), 300).unref();
  say('waiting');
}
