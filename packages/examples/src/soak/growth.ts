import type { Memory } from '../bench/memory.ts';
import { median } from '../bench/samples.ts';

/** What memory may grow by between the first windows and the last: so much of it, and so many MB that come and go. */
const allowed = {
  heap: { share: 0.1, mb: 2 },
  rss: { share: 0.15, mb: 32 },
} as const;

export interface Growth {
  readonly first: number;
  readonly last: number;
  readonly isFlat: boolean;
}

/**
 * Compare the first windows with the last: a quarter of them at each end, after a fifth in which code, caches and the heap
 * find their sizes.
 */
export function growthOf(windows: readonly Memory[], what: keyof Memory): Growth {
  const settled = windows.slice(Math.floor(windows.length / 5)).map((each) => each[what]);
  const some = Math.max(1, Math.floor(settled.length / 4));
  const first = median(settled.slice(0, some));
  const last = median(settled.slice(-some));
  const { share, mb } = allowed[what];
  return { first, last, isFlat: last <= first * (1 + share) + mb };
}
