// Runs the tutorial's programs one after the other, or those named as arguments: pnpm tutorial s20 s22
// A second of the tutorial lasts 100 ms here, and the programs about Ctrl-C press it themselves; not so with BY_HAND=1.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { findProgram, programs, type Program } from './programs.ts';

/** Run one as a process of its own; gives its exit code, or the signal that ended it. */
async function runProgram({ file }: Program): Promise<number | NodeJS.Signals> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], { stdio: 'inherit' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? signal ?? 1;
}

async function runAll(chosen: readonly Program[]): Promise<number> {
  let interrupted = false;
  // A Ctrl-C of the user reaches the running program as well, which ends in its own way; here it only stops the series.
  process.once('SIGINT', () => {
    interrupted = true;
  });
  const failed: string[] = [];
  for (const program of chosen) {
    console.log(`\n${program.name.toUpperCase()}  ${program.title}\n`);
    const outcome = await runProgram(program);
    if (interrupted) return 130;
    if (outcome !== program.exitCode)
      failed.push(`${program.name} ended with ${outcome} instead of ${program.exitCode}`);
  }
  for (const each of failed) console.error(each);
  return failed.length === 0 ? 0 : 1;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((each) => findProgram(each) === undefined);
if (unknown.length > 0) {
  console.error(`the tutorial has no program ${unknown.map((each) => `'${each}'`).join(', ')}; it has:`);
  for (const { name, title } of programs) console.error(`  ${name}  ${title}`);
  process.exitCode = 2;
} else {
  process.exitCode = await runAll(wanted.length === 0 ? programs : wanted.flatMap((each) => findProgram(each) ?? []));
}
