import { parseArgs } from 'node:util';

import { roster } from './roster.ts';
import { workloads } from './workloads.ts';

export interface Options {
  /** Names of the roster, and of workloads, in their order there. */
  readonly only: readonly string[];
  readonly workloads: readonly string[];
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
}

/** The command line cannot be understood; the message says which part of it, and what would be right. */
export class UsageError extends Error {}

const standardRounds = 5;
const mostRounds = 1000;

const config = {
  only: { type: 'string', multiple: true },
  workloads: { type: 'string', multiple: true },
  rounds: { type: 'string' },
  quick: { type: 'boolean' },
  json: { type: 'string' },
  markdown: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const contestantNames = roster.map(({ name }) => name);
const workloadNames = workloads.map(({ name }) => name);

export const usage: string = [
  'Measure offloop and its peers on the same work, each run in a process of its own.',
  '',
  'Usage: pnpm bench [options]',
  '',
  '  --only <names>       these contestants, as in --only offloop,raw (default all)',
  '  --workloads <names>  these workloads, as in --workloads one-at-a-time,stall (default all)',
  `  --rounds <number>    how often each contestant runs each workload (default ${standardRounds})`,
  '  --quick              one short round, to see that it works',
  '  --json <file>        write every measured number there',
  '  --markdown <file>    write the page there',
  '  --help, -h           this text',
  '',
  `Contestants: ${contestantNames.join(', ')}`,
  `Workloads: ${workloadNames.join(', ')}`,
  '',
  'Ratios need offloop among the contestants.',
].join('\n');

/** Read the command line; undefined when it asks for help. Throws UsageError. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = parsed(args);
  if (values.help === true) return undefined;
  const isQuick = values.quick === true;
  return {
    only: namesFrom('--only', values.only, contestantNames),
    workloads: namesFrom('--workloads', values.workloads, workloadNames),
    rounds: values.rounds === undefined ? (isQuick ? 1 : standardRounds) : roundsFrom(values.rounds),
    isQuick,
    json: fileFrom('--json', values.json),
    markdown: fileFrom('--markdown', values.markdown),
  };
}

function parsed(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof config }>>['values'] {
  // npm and pnpm hand over the `--` of `pnpm bench -- --quick`, too.
  const own = args[0] === '--' ? args.slice(1) : [...args];
  try {
    return parseArgs({ args: own, options: config }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const valid = Object.keys(config).map((name) => `--${name}`);
    throw new UsageError(`${error.message}. Valid are ${valid.join(', ')}`);
  }
}

function namesFrom(option: string, given: readonly string[] | undefined, valid: readonly string[]): readonly string[] {
  if (given === undefined) return valid;
  const wanted = new Set(given.flatMap((text) => text.split(',')).filter((name) => name !== ''));
  for (const name of wanted)
    if (!valid.includes(name)) throw new UsageError(`option ${option}: no '${name}'; valid are ${valid.join(', ')}`);
  if (wanted.size === 0) throw new UsageError(`option ${option} names nothing; valid are ${valid.join(', ')}`);
  return valid.filter((name) => wanted.has(name));
}

function roundsFrom(text: string): number {
  const rounds = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (rounds >= 1 && rounds <= mostRounds) return rounds;
  throw new UsageError(`option --rounds must be a whole number from 1 to ${mostRounds}; got '${text}'`);
}

function fileFrom(option: string, file: string | undefined): string | undefined {
  if (file === '') throw new UsageError(`option ${option} must name a file; got nothing`);
  return file;
}
