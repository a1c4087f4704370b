// A program whose job module is itself: its threads must not start the program again, and again.
import { jobModule, WorkerLoop } from 'offloop';

import { say } from './lib.ts';

export function add(a: number, b: number): number {
  return a + b;
}

const jobs = jobModule<{ add: typeof add }>(import.meta.url);
const how = process.argv[2];
const loop = how === 'loop' ? new WorkerLoop({ daemon: true }) : undefined;
const sum = loop === undefined ? jobs.add(1, 2) : loop.run(jobs.add(1, 2));
say(
  await sum.then(
    (value) => `sum ${value}`,
    (error: unknown) => String(error),
  ),
);
