import type { Row } from './row.ts';
import { blockedRows } from './rows/blocked.ts';
import { cancelRows } from './rows/cancel.ts';
import { errorRows } from './rows/errors.ts';
import { moduleRows } from './rows/modules.ts';
import { processRows } from './rows/process.ts';
import { surroundingRows } from './rows/surroundings.ts';
import { threadRows } from './rows/thread.ts';
import { transferRows } from './rows/transfers.ts';
import { valueRows } from './rows/values.ts';

/** In the order of the page: by their numbers in the project's list of faults. */
export const rows: readonly Row[] = [
  ...errorRows,
  ...valueRows,
  ...threadRows,
  ...blockedRows,
  ...cancelRows,
  ...moduleRows,
  ...transferRows,
  ...processRows,
  ...surroundingRows,
].sort((a, b) => a.number - b.number);

/** Rows of that list that are not asked of the peers, and why. */
export const leftOut: readonly string[] = [
  '33, 34 (SIGTERM with `run()`, a second SIGINT), 39, 40 (streams): of the peers nobody has them',
  '41 (a million queued jobs): the benchmark measures it',
  '42 (pools inside of jobs): of the peers nobody limits the threads of a process',
  '50 (Redis): nobody has it',
];
