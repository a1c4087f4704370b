import type { Options } from './options.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { roster } from './roster.ts';

/** One contestant with one workload in one round. */
export interface Run {
  readonly round: number;
  readonly contestant: string;
  readonly workload: string;
  readonly outcome: Outcome;
}

/** A child that takes longer is killed. */
export const limitMs = 20_000;
/** What took longer than this, or did not come to its end, is not run again in later rounds. */
export const longMs = 5000;

const normal = { budgetMs: 300, warmUpMs: 500 };
const quick = { budgetMs: 20, warmUpMs: 20 };

/**
 * All runs, one after the other: nothing else of ours is busy meanwhile. The contestants of a workload follow each other
 * directly, in an order that turns from round to round, so that what the machine does beside hits all of them alike.
 */
export async function runAll(
  { only, workloads, rounds, isQuick }: Options,
  onRun: (run: Run, done: number, most: number) => void,
): Promise<Run[]> {
  const runs: Run[] = [];
  const isOut = new Set<string>();
  const most = rounds * workloads.length * only.length;
  let done = 0;
  for (let round = 0; round < rounds; round++) {
    for (const workload of workloads) {
      for (let turn = 0; turn < only.length; turn++) {
        const contestant = only[(turn + round) % only.length] as string;
        done++;
        const key = `${contestant} ${workload}`;
        if (isOut.has(key)) continue;
        const outcome = await outcomeIn({ contestant, workload, ...(isQuick ? quick : normal) });
        if (outcome.status !== 'done' || outcome.ms > longMs) isOut.add(key);
        const run = { round, contestant, workload, outcome };
        runs.push(run);
        onRun(run, done, most);
      }
    }
  }
  return runs;
}

async function outcomeIn(order: Parameters<typeof outcomeOf>[0]): Promise<Outcome> {
  const reason = roster.find(({ name }) => name === order.contestant)?.cannot[order.workload];
  return reason === undefined ? outcomeOf(order, limitMs) : { status: 'cannot', reason, ms: 0 };
}
