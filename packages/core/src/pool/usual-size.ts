import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Where a Linux container finds its share of the processors: cgroup 2, then 1. libuv looks there only from 1.49 on. */
const quotaFiles = [
  ['/sys/fs/cgroup/cpu.max'],
  ['/sys/fs/cgroup/cpu/cpu.cfs_quota_us', '/sys/fs/cgroup/cpu/cpu.cfs_period_us'],
] as const;

/** One loop for each processor that this process may use, less one for this thread; at least one. */
export function usualSize(): number {
  return sizeFor(availableParallelism(), quotaOf(quotaTexts()));
}

/** `quota`: processors, where it is limited. */
export function sizeFor(parallelism: number, quota: number | undefined): number {
  return Math.max(1, Math.min(parallelism, Math.ceil(quota ?? Infinity)) - 1);
}

/** Processors by the words of the files, such as `200000 100000` (two) or `max 100000` (no limit). */
export function quotaOf(text: string): number | undefined {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  if (quota === undefined || period === undefined || !(quota > 0 && period > 0)) return undefined;
  return quota / period;
}

function quotaTexts(): string {
  if (process.platform !== 'linux') return '';
  for (const files of quotaFiles) {
    try {
      return files.map((file) => readFileSync(file, 'utf8')).join(' ');
    } catch {
      // Not this kind of group, or none.
    }
  }
  return '';
}
