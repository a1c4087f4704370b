import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

import { InvalidStateError } from './errors.ts';

// A job module that is the program's own entry file runs the program's top level again in every thread. Where that starts a
// loop, each thread starts another one, without end. So no loop starts while a thread loads the entry as a job module.

let entry: string | undefined = isMainThread ? mainEntry() : undefined;
let isLoading = false;

function mainEntry(): string | undefined {
  try {
    return process.argv[1] === undefined ? undefined : pathToFileURL(realpathSync(process.argv[1])).href;
  } catch {
    return undefined;
  }
}

/** The URL of the file that the process was started with; a worker is told by its owner. */
export function entryUrl(): string | undefined {
  return entry;
}

export function setEntryUrl(url: string | undefined): void {
  entry = url;
}

/** Load a module; where it is the entry, no loop can be started meanwhile. */
export async function whileLoading<T>(url: string, load: () => Promise<T>): Promise<T> {
  // The main thread runs it as the program, or has.
  if (url !== entry || isMainThread) return load();
  isLoading = true;
  try {
    return await load();
  } finally {
    isLoading = false;
  }
}

/** Throw while this thread loads the program's entry as a job module. */
export function mustNotBeLoadingEntry(): void {
  if (!isLoading) return;
  throw new InvalidStateError(
    `${entry} is the program's own file and is being loaded as a job module: a loop that it starts here would load it again, without end; put the jobs into a file of their own, or start loops only where isMainThread is true`,
  );
}
