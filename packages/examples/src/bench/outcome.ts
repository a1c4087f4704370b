import { fileURLToPath } from 'node:url';

import { reasonOf, runChild, type ChildEnd } from './child-process.ts';

/** What a child is to do, and what it answers; on its output the answer stands behind the marker. */
export interface ChildOrder {
  readonly contestant: string;
  readonly workload: string;
  readonly budgetMs: number;
  readonly warmUpMs: number;
}
export interface ChildWord {
  readonly metrics?: Readonly<Record<string, number | null>>;
  readonly error?: string;
}
export const childMarker = 'offloop-bench ';

/** What became of one contestant with one workload in one round. */
export type Outcome =
  | { readonly status: 'done'; readonly metrics: Readonly<Record<string, number>>; readonly ms: number }
  | { readonly status: 'late' | 'failed' | 'cannot'; readonly reason: string; readonly ms: number };

const file = fileURLToPath(new URL('./child.js', import.meta.url));

/** Run it in a process of its own, which is killed when it takes longer than the limit. Never rejects. */
export async function outcomeOf(order: ChildOrder, limitMs: number): Promise<Outcome> {
  const end = await runChild({ file, order, limitMs });
  return end.isLate ? { status: 'late', reason: `> ${limitMs / 1000} s`, ms: end.ms } : read(end);
}

function read(end: ChildEnd): Outcome {
  const { text, ms } = end;
  const line = text.split('\n').find((each) => each.startsWith(childMarker));
  if (line === undefined) return { status: 'failed', reason: reasonOf(end), ms };
  const word = JSON.parse(line.slice(childMarker.length)) as ChildWord;
  if (word.metrics === undefined) return { status: 'failed', reason: word.error ?? 'it said nothing', ms };
  // NaN travels as null: what the system does not tell was not measured.
  const known = Object.entries(word.metrics).filter((entry): entry is [string, number] => entry[1] !== null);
  return { status: 'done', metrics: Object.fromEntries(known), ms };
}
