// Both a module and a job module: main calls makeReport itself, which blocks it, or has it run on the loop.
import { checkCancelled } from 'offloop';

import type { Receipt } from './message.ts';

/** The delivery report of a batch. Times are in milliseconds. */
export interface Report {
  readonly messages: number;
  readonly sent: number;
  readonly p50: number;
  readonly p99: number;
  readonly mean: number;
  /** The interval in which the mean lies with 95 % confidence. */
  readonly meanFrom: number;
  readonly meanTo: number;
  /** How long working it out took, and blocked the thread that did. */
  readonly tookMs: number;
}

/** Random choices in one report: what bounds its time, also for a large batch. */
const mostChoices = 1_500_000;
const mostResamples = 30_000;

/** Work out the report of a batch: some 20 to 50 ms of computing, all of it blocking. */
export function makeReport(receipts: readonly Receipt[]): Report {
  const began = performance.now();
  const times = Float64Array.from(receipts, ({ ms }) => ms).sort();
  const means = bootstrapMeans(times);
  const report = {
    messages: receipts.length,
    sent: receipts.filter(({ isSent }) => isSent).length,
    p50: percentile(times, 50),
    p99: percentile(times, 99),
    mean: times.reduce((sum, ms) => sum + ms, 0) / times.length,
    meanFrom: percentile(means, 2.5),
    meanTo: percentile(means, 97.5),
  };
  return { ...report, tookMs: performance.now() - began };
}

/** The means, sorted, of many batches that are drawn from this one, with replacement. */
function bootstrapMeans(times: Float64Array): Float64Array {
  const size = times.length;
  const means = new Float64Array(Math.max(1, Math.min(mostResamples, Math.floor(mostChoices / size))));
  let random = 0x9e3779b9;
  for (let i = 0; i < means.length; i++) {
    // Who blocks looks now and then whether anybody still wants the result.
    if (i % 64 === 0) checkCancelled();
    let sum = 0;
    for (let j = 0; j < size; j++) {
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      sum += times[(random >>> 0) % size] ?? 0;
    }
    means[i] = sum / size;
  }
  return means.sort();
}

function percentile(sorted: Float64Array, percent: number): number {
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? NaN;
}
