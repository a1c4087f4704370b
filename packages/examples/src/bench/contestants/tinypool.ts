import { Tinypool } from 'tinypool';

import type { Running } from '../contestant.ts';

export interface TinypoolOptions {
  readonly concurrentTasksPerWorker?: number;
}

const { href: jobs } = new URL('../jobs.js', import.meta.url);
const { href: guest } = new URL('./tinypool-guest.js', import.meta.url);

export function start(threads: number, options: TinypoolOptions): Running {
  const pool = new Tinypool({ filename: jobs, minThreads: threads, maxThreads: threads, ...options });
  return {
    call: (job, arg) => pool.run(arg, { name: job }) as Promise<unknown>,
    move: (buffer) => pool.run(buffer, { filename: guest, name: 'moved', transferList: [buffer] }) as Promise<unknown>,
    close: () => pool.destroy(),
  };
}
