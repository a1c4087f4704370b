import type { Worker } from 'node:worker_threads';

/** Threads that live, from the moment that this is made. */
export class Threads {
  readonly #alive = new Set<Worker>();
  #made = 0;

  constructor() {
    process.on('worker', (worker: Worker) => {
      this.#made++;
      this.#alive.add(worker);
      worker.once('exit', () => void this.#alive.delete(worker));
    });
  }

  get made(): number {
    return this.#made;
  }

  get alive(): number {
    return this.#alive.size;
  }
}

/** What holds the process now and did not before, by name. */
export function newHandles(before: readonly string[]): string[] {
  const known = [...before];
  return process.getActiveResourcesInfo().filter((name) => {
    const index = known.indexOf(name);
    if (index >= 0) known.splice(index, 1);
    return index < 0;
  });
}
