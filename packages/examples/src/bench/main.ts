// The benchmark against peers, started by `pnpm bench`: every contestant runs every workload in a process of its own, in
// rounds; then the medians, and the ratios to offloop, as tables, as JSON and as a page.
import { optionsOrTold, showProgress, write } from './command-line.ts';
import { describeMachine } from './machine.ts';
import { readOptions, usage, type Options } from './options.ts';
import { reportPage, reportText, type Report } from './page.ts';
import { runAll, type Run } from './schedule.ts';
import { summarize } from './summary.ts';

const args = process.argv.slice(2);
const options = optionsOrTold('pnpm bench', usage, () => readOptions(args));
if (options !== undefined) await bench(options);

async function bench(given: Options): Promise<void> {
  const machine = describeMachine();
  // Before the minutes of measuring, not after them: a file that cannot be written is an error at once.
  for (const file of [given.json, given.markdown]) if (file !== undefined) write(file, '');
  const runs = await runAll(given, showRun);
  const command = ['pnpm bench', ...args.filter((arg) => arg !== '--')].join(' ');
  const report: Report = { machine, command, rounds: given.rounds, summaries: summarize(given, runs) };
  if (given.json !== undefined) write(given.json, `${JSON.stringify({ ...report, runs }, undefined, 2)}\n`);
  if (given.markdown !== undefined) write(given.markdown, reportPage(report));
  console.log(reportText(report).join('\n'));
  const failed = runs.filter(({ outcome }) => outcome.status === 'failed');
  if (failed.length > 0) process.exitCode = 1;
}

function showRun({ round, contestant, workload, outcome }: Run, done: number, most: number): void {
  const what = outcome.status === 'done' ? '' : ` ${outcome.status}: ${outcome.reason}`;
  const line = `[${done}/${most}] round ${round + 1} ${workload} ${contestant}${what}`;
  showProgress(line, outcome.status === 'failed', done === most);
}
