// Apart from the jobs: only the workload that moves buffers loads tinypool in its threads.
import { Tinypool } from 'tinypool';

import { touch } from '../jobs.ts';

export function moved(buffer: ArrayBuffer): unknown {
  return Tinypool.move(touch(buffer));
}
