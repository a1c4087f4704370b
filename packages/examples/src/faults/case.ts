import { fileURLToPath } from 'node:url';

import { reasonOf, runChild, type ChildEnd } from '../bench/child-process.ts';
import type { Probe, Row } from './row.ts';
import { oneLine, type Finding } from './verdict.ts';

/** What a child is to do, and what it answers; on its output the answer stands behind the marker. */
export interface ChildOrder {
  readonly contestant: string;
  readonly row: number;
  readonly probe: string;
}
export interface ChildWord {
  readonly findings?: readonly Finding[];
  /** The probe itself has failed: nothing was learned. */
  readonly error?: string;
}
export const childMarker = 'offloop-faults ';

/** What was seen of one contestant in one way of one fault. */
export interface Case {
  readonly row: number;
  readonly probe: string;
  readonly contestant: string;
  readonly findings: readonly Finding[];
  /** Why nothing was seen. */
  readonly failed?: string;
  readonly ms: number;
}

/** A child that takes longer is killed. */
export const limitMs = 12_000;
/** A flood of output is counted by its lines. */
const mostText = 4 * 2 ** 20;

const file = fileURLToPath(new URL('./child.js', import.meta.url));

/** Run it in a process of its own. Never rejects. */
export async function runCase({ number: row }: Row, probe: Probe, contestant: string): Promise<Case> {
  const order: ChildOrder = { contestant, row, probe: probe.name };
  let word: ChildWord | undefined;
  let wordAt: number | undefined;
  const end = await runChild({
    file,
    order,
    limitMs,
    mostText,
    execArgv: probe.execArgv ?? [],
    onText: (text, child) => {
      word ??= wordIn(text);
      if (word === undefined) return;
      wordAt ??= performance.now();
      if (probe.judgeEnd === undefined) child.kill('SIGKILL');
    },
  });
  const seen = { row, probe: probe.name, contestant, ms: end.ms };
  if (word?.error !== undefined) return { ...seen, findings: [], failed: word.error };
  const ms = wordAt === undefined ? end.ms : performance.now() - wordAt;
  return { ...seen, findings: [...(word?.findings ?? []), ...findingsOfEnd(probe, end, word !== undefined, ms)] };
}

function findingsOfEnd(probe: Probe, end: ChildEnd, isThrough: boolean, ms: number): readonly Finding[] {
  if (!isThrough && end.isLate) return [{ word: 'hangs', note: 'the main thread is blocked' }];
  if (!isThrough && probe.mayDie !== true) return [{ word: 'process dies', note: oneLine(reasonOf(end)) }];
  const { code, signal, text, isLate } = end;
  return probe.judgeEnd?.({ code, signal, text, isLate, ms }) ?? [];
}

/** Its line may stand behind other output, and is there as a whole or not yet. */
function wordIn(text: string): ChildWord | undefined {
  const begin = text.indexOf(childMarker);
  const end = begin < 0 ? -1 : text.indexOf('\n', begin);
  return end < 0 ? undefined : (JSON.parse(text.slice(begin + childMarker.length, end)) as ChildWord);
}
