import { Worker } from 'node:worker_threads';

import type { Running } from '../contestant.ts';

/** The number of the call, the job, its argument. */
export type Request = readonly [id: number, job: string, arg: unknown];
export type Reply = readonly [id: number, result: unknown];

const guest = new URL('./raw-guest.js', import.meta.url);

/** The least that gives an await: one message a call, one a reply, a Map of promises. No errors, no cancel, no death. */
class RawLink {
  readonly #worker = new Worker(guest);
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #last = 0;

  constructor() {
    this.#worker.on('message', ([id, result]: Reply) => {
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
    this.#worker.on('error', (error) => {
      throw error;
    });
  }

  call(job: string, arg: unknown, moved?: readonly ArrayBuffer[]): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      const request: Request = [id, job, arg];
      this.#worker.postMessage(request, moved);
    });
  }

  close(): Promise<number> {
    return this.#worker.terminate();
  }
}

export function start(threads: number): Running {
  const links = Array.from({ length: threads }, () => new RawLink());
  let next = 0;
  const link = (): RawLink => {
    next = next + 1 < threads ? next + 1 : 0;
    return links[next] as RawLink;
  };
  return {
    call: (job, arg) => link().call(job, arg),
    move: (buffer) => link().call('touch', buffer, [buffer]),
    close: () => Promise.all(links.map((each) => each.close())),
  };
}
