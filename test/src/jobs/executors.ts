// Async jobs that give their blocking parts away.
import { threadId } from 'node:worker_threads';

import { getRunningLoop, jobModule, setDefaultExecutor, type Future } from 'offloop';
import { piscinaExecutor } from 'offloop/piscina';
import { Piscina } from 'piscina';

const shared = jobModule<typeof import('./shared.js')>(new URL('./shared.js', import.meta.url));
const place = jobModule<typeof import('./place.js')>(new URL('./place.js', import.meta.url));

/** Blocks in a thread of the default executor until the gate opens. */
export async function blockElsewhere(words: Int32Array): Promise<string> {
  return getRunningLoop().runInExecutor(null, shared.blockAtGate(words));
}

export async function restElsewhere(words: Int32Array): Promise<void> {
  await getRunningLoop().runInExecutor(null, shared.sleepWithFinally(words));
}

/** The ids of this thread and of that which runs a job on the default executor, set to a Piscina or not. */
export async function threads(withPiscina: boolean): Promise<[here: number, there: number]> {
  const pool = withPiscina ? new Piscina({ minThreads: 1, maxThreads: 1 }) : undefined;
  if (pool !== undefined) setDefaultExecutor(piscinaExecutor(pool));
  const where: Future<{ threadId: number }> = getRunningLoop().runInExecutor(null, place.where());
  const there = (await where).threadId;
  setDefaultExecutor(undefined);
  await pool?.destroy();
  return [threadId, there];
}
