import { fileURLToPath } from 'node:url';

import { Piscina } from 'piscina';

import type { Running } from '../contestant.ts';

export interface PiscinaOptions {
  readonly concurrentTasksPerWorker?: number;
}

const jobs = fileURLToPath(new URL('../jobs.js', import.meta.url));
const guest = fileURLToPath(new URL('./piscina-guest.js', import.meta.url));

export function start(threads: number, options: PiscinaOptions): Running {
  const pool = new Piscina({ filename: jobs, minThreads: threads, maxThreads: threads, ...options });
  return {
    call: (job, arg) => pool.run(arg, { name: job }) as Promise<unknown>,
    move: (buffer) => pool.run(buffer, { filename: guest, name: 'moved', transferList: [buffer] }) as Promise<unknown>,
    close: () => pool.destroy(),
  };
}
