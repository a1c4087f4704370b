import { fileFrom, namesFrom, valuesFrom } from '../bench/command-line.ts';
import { roster } from './roster.ts';
import { rows } from './rows.ts';

export interface Options {
  /** Names of the roster, and numbers of rows, in their order there. */
  readonly only: readonly string[];
  readonly rows: readonly string[];
  readonly json: string | undefined;
  readonly markdown: string | undefined;
}

const config = {
  only: { type: 'string', multiple: true },
  rows: { type: 'string', multiple: true },
  json: { type: 'string' },
  markdown: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const names = roster.map(({ name }) => name);
const numbers = rows.map(({ number }) => String(number));

export const usage: string = [
  'See what offloop and its peers make of the same faults, each in a process of its own.',
  '',
  'Usage: npm run faults -- [options]',
  '',
  '  --only <names>     these contestants, as in --only offloop,piscina (default all)',
  '  --rows <numbers>   these faults, as in --rows 2,4,17 (default all)',
  '  --json <file>      write all that was seen there',
  '  --markdown <file>  write the page there',
  '  --help, -h         this text',
  '',
  `Contestants: ${names.join(', ')}`,
  '',
  'Rows:',
  ...rows.map(({ number, fault }) => `${String(number).padStart(4)}  ${fault}`),
  '',
  'The exit code is 1 where offloop hangs, hurts a neighbour or takes the process along.',
].join('\n');

/** Read the command line; undefined when it asks for help. Throws UsageError. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = valuesFrom(args, config);
  if (values.help === true) return undefined;
  return {
    only: namesFrom('--only', values.only, names),
    rows: namesFrom('--rows', values.rows, numbers),
    json: fileFrom('--json', values.json),
    markdown: fileFrom('--markdown', values.markdown),
  };
}
