import { parseArgs } from 'node:util';

/** What a run of the gateway does. */
export interface Options {
  readonly messages: number;
  /** Seconds that the service takes for a message. */
  readonly seconds: number;
  /** Messages in flight at a time, in the concurrent phases. */
  readonly concurrency: number;
  /** Messages in a delivery report. */
  readonly batch: number;
}

/** The command line cannot be understood; the message says which part of it, and what would be right. */
export class UsageError extends Error {}

interface NumberOption {
  readonly what: string;
  readonly standard: number;
  readonly least: number;
  readonly most: number;
  readonly isWhole: boolean;
}

const numbers: Readonly<Record<keyof Options, NumberOption>> = {
  messages: { what: 'how many messages are sent in each phase', standard: 300, least: 1, most: 100_000, isWhole: true },
  seconds: { what: 'how long the service takes for a message', standard: 0.01, least: 0, most: 60, isWhole: false },
  concurrency: {
    what: 'how many are in flight at a time when sent concurrently',
    standard: 32,
    least: 1,
    most: 1000,
    isWhole: true,
  },
  batch: { what: 'how many messages a delivery report is about', standard: 50, least: 1, most: 100_000, isWhole: true },
};

const names = Object.keys(numbers) as (keyof Options)[];

export const usage: string = [
  'Send messages through a local SMS service, one at a time and concurrently, and measure what the main loop feels.',
  '',
  'Usage: npm start -- [options]',
  '',
  ...names.map((name) => {
    const { what, standard } = numbers[name];
    return `  ${`--${name} <number>`.padEnd(24)}${what} (default ${standard})`;
  }),
  `  ${'--help, -h'.padEnd(24)}this text`,
  '',
  'Ctrl-C ends it at any time and tells what was done.',
].join('\n');

/** Read the command line; undefined when it asks for help. Throws UsageError. */
export function readOptions(args: readonly string[]): Options | undefined {
  // Not strict: parseArgs would refuse with words of its own, which do not say what is valid.
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      messages: { type: 'string' },
      seconds: { type: 'string' },
      concurrency: { type: 'string' },
      batch: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) return undefined;
  const options = {
    messages: numbers.messages.standard,
    seconds: numbers.seconds.standard,
    concurrency: numbers.concurrency.standard,
    batch: numbers.batch.standard,
  };
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new UsageError(
        `unexpected argument '${token.value}'; options are given as in: npm start -- --messages 50 --seconds 0.2`,
      );
    if (token.kind === 'option-terminator') continue;
    const name = names.find((each) => each === token.name);
    if (name === undefined)
      throw new UsageError(
        `unknown option '${token.rawName}'; valid are ${names.map((each) => `--${each}`).join(', ')} and --help`,
      );
    options[name] = readNumber(name, token.value);
  }
  return options;
}

function readNumber(name: keyof Options, text: string | undefined): number {
  const { least, most, isWhole } = numbers[name];
  const value = text !== undefined && /^\d+$|^\d*\.\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  const got = text === undefined ? 'nothing' : `'${text}'`;
  throw new UsageError(
    `option --${name} must be a ${isWhole ? 'whole number' : 'number'} from ${least} to ${most}; got ${got}`,
  );
}
