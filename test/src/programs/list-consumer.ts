// Takes messages from a Redis list until it is killed; each is a line in the ledger before it is acknowledged.
import { consume, jobModule, LoopPool } from 'offloop';
import { redisList } from 'offloop/redis';

const [url = '', key = '', ledger = '', concurrency = '1', workMs = '4'] = process.argv.slice(2);
const jobs = jobModule<typeof import('../jobs/ledger.js')>(new URL('../jobs/ledger.js', import.meta.url));

const consumer = consume(redisList<number>({ key, url, leaseMs: 1000 }), (n) => jobs.note(ledger, n, Number(workMs)), {
  on: new LoopPool({ size: 1 }),
  concurrency: Number(concurrency),
  attempts: 100,
  onError: (error) => console.error(String(error)),
});
process.once('SIGTERM', () => {
  void consumer.close().then(() => process.exit(0));
});
console.log('started');
