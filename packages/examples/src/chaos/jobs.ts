// A job module: the job of the consumers, with an effect that can be counted.
import { appendFileSync } from 'node:fs';

import { sleep } from 'offloop';

/**
 * Work for about `ms`, then write a line to the ledger, which is there also when the process is killed right after. A message below 0 is
 * poison: it kills its process.
 */
export async function note(ledger: string, message: number, id: string, ms: number): Promise<void> {
  await sleep(ms * 2 * Math.random());
  if (message < 0) process.kill(process.pid, 'SIGKILL');
  appendFileSync(ledger, `${message} ${process.pid} ${id}\n`);
}
