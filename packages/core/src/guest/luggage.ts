import { workerData } from 'node:worker_threads';

import { placeHandles } from '../link/travelling-handles.ts';
import type { Init } from '../wire/init.ts';

/** Put the handles that came with a new thread where they belong, before any job module is loaded. */
export function unpackLuggage({ loops, main, setup, teardown }: Init): void {
  const data: unknown = workerData;
  const values = [data, setup?.args, teardown?.args];
  placeHandles(values, loops);
  if (values[0] !== data) replaceWorkerData(values[0]);
  // It is met, and kept as that.
  if (main !== undefined) placeHandles([undefined], [{ ...main, path: [0] }]);
}

/** It is a handle itself. What has imported it sees the change, too. */
function replaceWorkerData(value: unknown): void {
  const builtin = process.getBuiltinModule('node:worker_threads') as { workerData: unknown };
  builtin.workerData = value;
  process.getBuiltinModule('node:module').syncBuiltinESMExports();
}
