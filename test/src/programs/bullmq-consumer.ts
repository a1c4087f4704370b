// Takes messages from a BullMQ queue until it is killed; each is a line in the ledger before it is acknowledged.
import { consume, jobModule, LoopPool } from 'offloop';
import { bullmqSource } from 'offloop/bullmq';

const [url, queue, ledger, concurrency] = process.argv.slice(2) as [string, string, string, string];
const jobs = jobModule<typeof import('../jobs/ledger.js')>(new URL('../jobs/ledger.js', import.meta.url));

const source = bullmqSource<number>(queue, {
  connection: { url },
  worker: { lockDuration: 1000, stalledInterval: 500, drainDelay: 0.5 },
});
consume(source, (n) => jobs.note(ledger, n, 4), {
  on: new LoopPool({ size: 1 }),
  concurrency: Number(concurrency),
  attempts: 100,
  onError: (error) => console.error(String(error)),
});
console.log('started');
