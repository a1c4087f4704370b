import type { Options } from './options.ts';
import { reference } from './roster.ts';
import { median } from './samples.ts';
import type { Run } from './schedule.ts';
import type { Metric } from './workload.ts';
import { workloads } from './workloads.ts';

/** How many times better the reference was in the same round: above 1, the reference is better. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Figure {
  /** One for each round that gave one. */
  readonly values: readonly number[];
  readonly median: number;
  readonly ratio: Ratio | undefined;
}

export interface Result {
  readonly contestant: string;
  /** Why there is no figure; `undefined` when there are some. A contestant that failed in any round has none. */
  readonly reason: string | undefined;
  readonly status: Run['outcome']['status'];
  /** By the keys of the metrics. */
  readonly figures: Readonly<Record<string, Figure>>;
}

export interface WorkloadSummary {
  readonly name: string;
  readonly title: string;
  readonly metrics: readonly Metric[];
  readonly results: readonly Result[];
}

export function summarize(options: Options, runs: readonly Run[]): WorkloadSummary[] {
  return workloads
    .filter(({ name }) => options.workloads.includes(name))
    .map(({ name, title, metrics }) => {
      const own = runs.filter(({ workload }) => workload === name);
      return { name, title, metrics, results: options.only.map((each) => resultOf(each, metrics, own)) };
    });
}

function resultOf(contestant: string, metrics: readonly Metric[], runs: readonly Run[]): Result {
  const own = runs.filter((run) => run.contestant === contestant);
  for (const { outcome } of own)
    if (outcome.status !== 'done') return { contestant, status: outcome.status, reason: outcome.reason, figures: {} };
  const figures: Record<string, Figure> = {};
  for (const metric of metrics) {
    const values = own.map((run) => valueOf(run, metric)).filter((value) => value !== undefined);
    if (values.length === 0) continue;
    figures[metric.key] = { values, median: median(values), ratio: ratioOf(metric, own, runs) };
  }
  return { contestant, status: 'done', reason: undefined, figures };
}

function ratioOf(metric: Metric, own: readonly Run[], runs: readonly Run[]): Ratio | undefined {
  const ratios: number[] = [];
  for (const run of own) {
    const other = runs.find(({ round, contestant }) => round === run.round && contestant === reference);
    const theirs = valueOf(run, metric);
    const ours = other === undefined ? undefined : valueOf(other, metric);
    // Of nothing, or less than nothing, there is no multiple.
    if (ours === undefined || theirs === undefined || ours <= 0 || theirs <= 0) continue;
    ratios.push(metric.better === 'less' ? theirs / ours : ours / theirs);
  }
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

function valueOf({ outcome }: Run, { key }: Metric): number | undefined {
  return outcome.status === 'done' ? outcome.metrics[key] : undefined;
}
