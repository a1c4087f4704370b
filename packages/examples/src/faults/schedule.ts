import { runCase, type Case } from './case.ts';
import type { Options } from './options.ts';
import { roster } from './roster.ts';
import type { Probe, Row } from './row.ts';
import { rows } from './rows.ts';

/** So many processes at a time. */
const lanes = 2;

type Work = () => Case | Promise<Case>;

/** All probes of the rows with all contestants, each in a process of its own; in the order of the rows. */
export async function runAll(
  { only, rows: numbers }: Options,
  onCase: (seen: Case, done: number, most: number) => void,
): Promise<Case[]> {
  const work = rows
    .filter(({ number }) => numbers.includes(String(number)))
    .flatMap((row) => row.probes.flatMap((probe) => only.map((name) => workOf(row, probe, name))));
  const cases = new Array<Case>(work.length);
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    for (let turn = next++; turn < work.length; turn = next++) {
      const seen = await (work[turn] as Work)();
      cases[turn] = seen;
      onCase(seen, ++done, work.length);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return cases;
}

function workOf(row: Row, probe: Probe, contestant: string): Work {
  const cannot = roster.find(({ name }) => name === contestant)?.cannot;
  const note = cannot?.[row.number] ?? cannot?.[`${row.number} ${probe.name}`];
  if (note === undefined) return () => runCase(row, probe, contestant);
  return () => ({ row: row.number, probe: probe.name, contestant, findings: [{ word: 'not offered', note }], ms: 0 });
}
