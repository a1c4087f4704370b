// Apart from the jobs: only the workload that moves buffers loads piscina in its threads.
import { move } from 'piscina';

import { touch } from '../jobs.ts';

export function moved(buffer: ArrayBuffer): unknown {
  return move(touch(buffer));
}
