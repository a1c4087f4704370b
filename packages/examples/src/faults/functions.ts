import * as jobs from './jobs.ts';

type Job = (arg?: unknown) => unknown;

/** The jobs without what is none, for libraries that are given an object of functions. */
export const functions: Readonly<Record<string, Job>> = Object.fromEntries(
  Object.entries(jobs as unknown as Record<string, unknown>).filter(
    (entry): entry is [string, Job] => typeof entry[1] === 'function',
  ),
);
