// What offloop and its peers make of faults, started by `npm run faults`: every way of every fault with every contestant in a
// process of its own; then a table with notes, as JSON and as a page.
import { optionsOrTold, showProgress, write } from '../bench/command-line.ts';
import { describeMachine } from '../bench/machine.ts';
import type { Case } from './case.ts';
import { readOptions, usage, type Options } from './options.ts';
import { reportPage, reportText, type Report } from './page.ts';
import { isBad, resultsOf } from './results.ts';
import { runAll } from './schedule.ts';
import { worstOf } from './verdict.ts';

const args = process.argv.slice(2);
const options = optionsOrTold('npm run faults --', usage, () => readOptions(args));
if (options !== undefined) await faults(options);

async function faults(given: Options): Promise<void> {
  const machine = describeMachine();
  // Before the minutes of running, not after them: a file that cannot be written is an error at once.
  for (const file of [given.json, given.markdown]) if (file !== undefined) write(file, '');
  const cases = await runAll(given, showCase);
  const rest = args.filter((arg) => arg !== '--');
  const command = ['npm run faults', ...(rest.length === 0 ? [] : ['--', ...rest])].join(' ');
  const report: Report = { machine, command, results: resultsOf(given, cases) };
  if (given.json !== undefined) write(given.json, `${JSON.stringify({ ...report, cases }, undefined, 2)}\n`);
  if (given.markdown !== undefined) write(given.markdown, reportPage(report));
  console.log(reportText(report).join('\n'));
  if (cases.some(isBad)) process.exitCode = 1;
}

function showCase(seen: Case, done: number, most: number): void {
  const { row, probe, contestant, findings, failed } = seen;
  const what = failed === undefined ? worstOf(findings) : `failed: ${failed}`;
  const notes = findings.map(({ note }) => note ?? '').join('; ');
  showProgress(`[${done}/${most}] row ${row} ${probe}, ${contestant}: ${what} ${notes}`, isBad(seen), done === most);
}
