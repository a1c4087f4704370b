import { move } from 'offloop';

import { touch } from '../jobs.ts';

export function moved(buffer: ArrayBuffer): ArrayBuffer {
  return move(touch(buffer));
}
