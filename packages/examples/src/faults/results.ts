import type { Case } from './case.ts';
import type { Options } from './options.ts';
import type { Row } from './row.ts';
import { own } from './roster.ts';
import { rows } from './rows.ts';
import { words, worstOf, type Word } from './verdict.ts';

/** One contestant in one row. */
export interface Result {
  readonly contestant: string;
  /** The worst of all its ways; `failed` where a probe of ours did not work. */
  readonly word: Word | 'failed';
  /** What was seen, in a few words; empty where there is nothing to tell. */
  readonly note: string;
}

export interface RowResults {
  readonly row: Row;
  readonly results: readonly Result[];
}

/** The cases by rows, in the order of the options. */
export function resultsOf({ only, rows: numbers }: Options, cases: readonly Case[]): RowResults[] {
  return rows
    .filter(({ number }) => numbers.includes(String(number)))
    .map((row) => ({
      row,
      results: only.map((name) =>
        resultOf(
          row,
          name,
          cases.filter((each) => each.row === row.number && each.contestant === name),
        ),
      ),
    }));
}

function resultOf(row: Row, contestant: string, cases: readonly Case[]): Result {
  const failed = cases.find((each) => each.failed !== undefined)?.failed;
  if (failed !== undefined) return { contestant, word: 'failed', note: failed.split('\n')[0] ?? '' };
  const findings = cases.flatMap((each) => each.findings);
  // Of ways that cannot be asked and others that went well, the others count.
  const asked = findings.filter(({ word }) => word !== 'not offered');
  const word = cases.every((each) => worstOf(each.findings) === 'not offered') ? 'not offered' : worstOf(asked);
  return { contestant, word, note: noteOf(row, cases) };
}

/** What was seen, with the ways in which it was, unless it was in all of them. */
function noteOf({ probes }: Row, cases: readonly Case[]): string {
  const ways = new Map<string, string[]>();
  for (const { probe, findings } of cases)
    for (const text of new Set(findings.flatMap(({ note }) => note ?? [])))
      ways.set(text, [...(ways.get(text) ?? []), probe]);
  return [...ways]
    .map(([text, names]) => (names.length === probes.length ? text : `${names.join(', ')}: ${text}`))
    .join('; ');
}

/** A probe of ours that does not work, or a harm that offloop promises never to do. */
export function isBad({ contestant, findings, failed }: Case): boolean {
  if (failed !== undefined) return true;
  return own.includes(contestant) && words.indexOf(worstOf(findings)) >= words.indexOf('hurts a neighbour');
}
