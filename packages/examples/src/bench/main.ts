// The benchmark against peers, started by `pnpm bench`: every contestant runs every workload in a process of its own, in
// rounds; then the medians, and the ratios to offloop, as tables, as JSON and as a page.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { describeMachine } from './machine.ts';
import { readOptions, usage, UsageError, type Options } from './options.ts';
import { reportPage, reportText, type Report } from './page.ts';
import { runAll, type Run } from './schedule.ts';
import { summarize } from './summary.ts';

const args = process.argv.slice(2);
const options = optionsOrExit();
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

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function showRun({ round, contestant, workload, outcome }: Run, done: number, most: number): void {
  const what = outcome.status === 'done' ? '' : ` ${outcome.status}: ${outcome.reason}`;
  const line = `[${done}/${most}] round ${round + 1} ${workload} ${contestant}${what}`;
  // On a terminal one line that changes; elsewhere only what went wrong.
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\x1b[K${line}${outcome.status === 'failed' || done === most ? '\n' : ''}`);
  } else if (outcome.status === 'failed') process.stderr.write(`${line}\n`);
}

function optionsOrExit(): Options | undefined {
  try {
    const given = readOptions(args);
    if (given === undefined) console.log(usage);
    return given;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nTry: pnpm bench --help`);
    process.exitCode = 2;
    return undefined;
  }
}
