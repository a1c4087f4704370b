import { countFrom, fileFrom, namesFrom, valuesFrom } from './command-line.ts';
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
  const values = valuesFrom(args, config);
  if (values.help === true) return undefined;
  const isQuick = values.quick === true;
  return {
    only: namesFrom('--only', values.only, contestantNames),
    workloads: namesFrom('--workloads', values.workloads, workloadNames),
    rounds: countFrom('--rounds', values.rounds, isQuick ? 1 : standardRounds, mostRounds),
    isQuick,
    json: fileFrom('--json', values.json),
    markdown: fileFrom('--markdown', values.markdown),
  };
}
