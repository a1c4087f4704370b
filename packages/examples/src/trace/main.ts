// A trace id on its way: client → service → job in another thread → another service, and back with an error that nobody awaits.
import { LoopPool } from 'offloop';

import type { Stored } from './jobs.ts';
import { openService, openStore } from './servers.ts';
import { format, nextSpan } from './traceparent.ts';
import { traceId } from './tracing.ts';

await using pool = new LoopPool({ size: 2 });
const told: (string | undefined)[] = [];
// Called inside of the trace of the request that has scheduled the job, as any logger that is called here would be.
pool.on('error', (error, { job }) => {
  told.push(traceId());
  console.log(`${traceId()}  error of ${job}: ${(error as Error).message}`);
});
await using store = await openStore();
await using service = await openService(pool, store.url);

const requests = ['one', 'two', 'three', 'four'].map(async (body) => {
  const span = nextSpan(undefined);
  const headers = { traceparent: format(span) };
  const response = await fetch(service.url, { method: 'POST', body, headers });
  const { inJob, atStore } = (await response.json()) as Stored;
  const arrived = inJob === span.traceId && atStore === span.traceId;
  console.log(`${span.traceId}  ${body}: ${arrived ? 'the same in the job and at the store' : `${inJob}, ${atStore}`}`);
  return span.traceId;
});
const sent = await Promise.all(requests);
await pool.close();
// What nobody awaits is told some turns later.
while (told.length < sent.length) await new Promise((resolve) => void setImmediate(resolve));
const all = new Set(told);
console.log(
  sent.every((trace) => all.has(trace)) ? 'each error was told in its trace' : `errors in ${[...all].join()}`,
);
