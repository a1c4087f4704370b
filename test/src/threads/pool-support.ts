import { LoopPool, type Future, type LoopPoolOptions } from 'offloop';

import { reported, shared, sharedWords } from './support.ts';

export interface BlockedPool {
  readonly pool: LoopPool;
  readonly blocker: Future<string>;
  readonly words: Int32Array;
}

/** A pool of one loop whose thread is blocked until the gate is opened, so that all else waits. */
export async function blockedPool(options: LoopPoolOptions = {}): Promise<BlockedPool> {
  const pool = new LoopPool({ size: 1, name: 'blocked', ...options });
  const words = sharedWords();
  const blocker = pool.run(shared.blockAtGate(words));
  await reported(words);
  return { pool, blocker, words };
}
