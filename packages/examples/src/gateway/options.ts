import { parseArgs } from 'node:util';

import { checked, choose, readNumber, UsageError, type NumberRange } from './option-values.ts';

/** What the measurement does. */
export interface Options {
  readonly messages: number;
  /** Seconds that the service takes for a message. */
  readonly seconds: number;
  /** Messages in flight at a time, in the concurrent phases. */
  readonly concurrency: number;
  /** Messages in a delivery report. */
  readonly batch: number;
}

const engines = ['list', 'bullmq', 'sqlite'] as const;

/** Where the messages are that the gateway serves. */
export type QueueOptions =
  | { readonly engine: 'list' | 'bullmq'; readonly url: string; readonly key: string }
  | { readonly engine: 'sqlite'; readonly file: string };

/** How the gateway serves a queue. */
export interface ServeOptions {
  readonly queue: QueueOptions;
  /** The SMS service; undefined: one of its own, in a thread. */
  readonly service: string | undefined;
  /** Seconds that its own service takes for a message that does not say so. */
  readonly seconds: number;
  readonly concurrency: number;
  readonly attempts: number;
  /** Seconds before the second attempt, twice as many before each further one. */
  readonly backoff: number;
  /** Seconds that an attempt may take. */
  readonly timeout: number;
  /** Seconds that messages in flight get to end when it is stopped. */
  readonly grace: number;
  /** Seconds after which the messages of a gateway that was killed are another's. */
  readonly lease: number;
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'measure'; readonly options: Options }
  | { readonly kind: 'serve'; readonly options: ServeOptions };

type Mode = Command['kind'];
type NumberName = keyof Options | 'attempts' | 'backoff' | 'timeout' | 'grace' | 'lease';
type TextName = 'engine' | 'key' | 'file' | 'service';
type Name = NumberName | TextName;

interface OptionHelp {
  readonly what: string;
  /** Undefined: both. */
  readonly only?: Mode;
}

const numbers: Readonly<Record<NumberName, NumberRange & OptionHelp>> = {
  messages: {
    what: 'how many messages are sent in each phase',
    only: 'measure',
    standard: 300,
    least: 1,
    most: 100_000,
    isWhole: true,
  },
  batch: {
    what: 'how many messages a delivery report is about',
    only: 'measure',
    standard: 50,
    least: 1,
    most: 100_000,
    isWhole: true,
  },
  seconds: { what: 'how long the service takes for a message', standard: 0.01, least: 0, most: 60, isWhole: false },
  concurrency: {
    what: 'how many are in flight at a time when sent concurrently',
    standard: 32,
    least: 1,
    most: 1000,
    isWhole: true,
  },
  attempts: { what: 'how often a message is tried', only: 'serve', standard: 3, least: 1, most: 1000, isWhole: true },
  backoff: {
    what: 'seconds before the second attempt, then twice as many',
    only: 'serve',
    standard: 1,
    least: 0,
    most: 3600,
    isWhole: false,
  },
  timeout: {
    what: 'seconds that an attempt may take',
    only: 'serve',
    standard: 90,
    least: 0.001,
    most: 3600,
    isWhole: false,
  },
  grace: {
    what: 'seconds that messages in flight get to end after Ctrl-C',
    only: 'serve',
    standard: 30,
    least: 0,
    most: 3600,
    isWhole: false,
  },
  lease: {
    what: 'seconds until the messages of one that was killed are free',
    only: 'serve',
    standard: 10,
    least: 0.3,
    most: 3600,
    isWhole: false,
  },
};

const texts: Readonly<Record<TextName, OptionHelp & { readonly value: string; readonly standard: string }>> = {
  engine: { what: 'list (a Redis list), bullmq, or sqlite', only: 'serve', value: '<name>', standard: 'list' },
  key: { what: "the list's key, or BullMQ's queue", only: 'serve', value: '<name>', standard: 'queue' },
  file: { what: 'the file of --engine sqlite', only: 'serve', value: '<path>', standard: 'queue.db' },
  service: { what: 'the SMS service', only: 'serve', value: '<url>', standard: 'one of its own' },
};

const all: Readonly<Record<string, OptionHelp>> = { ...numbers, ...texts };
const names = Object.keys(all) as Name[];
const listed = `${names.map((name) => `--${name}`).join(', ')} and --help`;

function helpOf(only: Mode | undefined): string[] {
  return names
    .filter((name) => all[name]?.only === only)
    .map((name) => {
      const { what, standard } = { ...numbers[name as NumberName], ...texts[name as TextName] };
      const value = name in texts ? texts[name as TextName].value : '<number>';
      return `  ${`--${name} ${value}`.padEnd(24)}${what} (default ${standard})`;
    });
}

export const usage: string = [
  'Send messages through a local SMS service, one at a time and concurrently, and measure what the main loop feels;',
  'or serve a queue: a message is a number (the service takes so many seconds for it) or { "id", "to", "text" }.',
  '',
  'Usage: npm start -- [options]                                          measure',
  '       REDIS_URL=redis://127.0.0.1:6379 npm start -- [options]         serve a Redis list, or a BullMQ queue',
  '       npm start -- --engine sqlite [options]                          serve a queue in a file',
  '',
  ...helpOf(undefined),
  'To measure:',
  ...helpOf('measure'),
  'To serve:',
  ...helpOf('serve'),
  '',
  `  ${'--help, -h'.padEnd(24)}this text`,
  '',
  'Ctrl-C ends it at any time and tells what was done. Who serves takes no more messages then, and ends those in flight;',
  'a second Ctrl-C gives them back to the queue at once.',
].join('\n');

/** Read the command line, and where the Redis is. Throws UsageError. */
export function readCommand(args: readonly string[], redisUrl: string | undefined): Command {
  const given = readGiven(args);
  if (given === undefined) return { kind: 'help' };
  const engine = given.has('engine') ? choose('engine', engines, given.get('engine')) : undefined;
  const url = redisUrl === '' ? undefined : redisUrl;
  const kind = engine === undefined && url === undefined ? 'measure' : 'serve';
  for (const name of given.keys()) mustFit(name, kind);
  const number = (name: NumberName): number => readNumber(name, numbers[name], given);
  const both = { seconds: number('seconds'), concurrency: number('concurrency') };
  if (kind === 'measure') return { kind, options: { ...both, messages: number('messages'), batch: number('batch') } };
  const service = given.has('service')
    ? checked.url('option --service', ['http:', 'https:'], given.get('service'))
    : undefined;
  return {
    kind,
    options: {
      ...both,
      queue: readQueue(engine ?? 'list', url, given),
      service: service?.replace(/\/$/, ''),
      attempts: number('attempts'),
      backoff: number('backoff'),
      timeout: number('timeout'),
      grace: number('grace'),
      lease: number('lease'),
    },
  };
}

/** What stands there, the last of each option; undefined when it asks for help. */
function readGiven(args: readonly string[]): Map<Name, string | undefined> | undefined {
  // Not strict: parseArgs would refuse with words of its own, which do not say what is valid.
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(names.map((name) => [name, { type: 'string' } as const])),
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) return undefined;
  const given = new Map<Name, string | undefined>();
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new UsageError(
        `unexpected argument '${token.value}'; options are given as in: npm start -- --messages 50 --seconds 0.2`,
      );
    if (token.kind === 'option-terminator') continue;
    const name = names.find((each) => each === token.name);
    if (name === undefined) throw new UsageError(`unknown option '${token.rawName}'; valid are ${listed}`);
    given.set(name, token.value);
  }
  return given;
}

function mustFit(name: Name, kind: Mode): void {
  const only = all[name]?.only;
  if (only === undefined || only === kind) return;
  throw new UsageError(
    kind === 'measure'
      ? `option --${name} is for who serves a queue: say which, with REDIS_URL=redis://127.0.0.1:6379 or --engine sqlite`
      : `option --${name} is for the measurement, which runs without REDIS_URL and --engine`,
  );
}

function readQueue(
  engine: (typeof engines)[number],
  url: string | undefined,
  given: ReadonlyMap<Name, string | undefined>,
): QueueOptions {
  if (engine === 'sqlite') {
    if (given.has('key')) throw new UsageError('option --key is for a Redis; --engine sqlite has --file');
    return { engine, file: checked.text('file', given.has('file') ? given.get('file') : texts.file.standard) };
  }
  if (given.has('file')) throw new UsageError('option --file is for --engine sqlite; a Redis has --key');
  if (url === undefined)
    throw new UsageError(
      `--engine ${engine} takes from a Redis: say which, as in REDIS_URL=redis://127.0.0.1:6379 npm start -- --engine ${engine}`,
    );
  const key = checked.text('key', given.has('key') ? given.get('key') : texts.key.standard);
  if (engine === 'bullmq' && key.includes(':'))
    throw new UsageError(`option --key must have no colon with --engine bullmq, whose queues have none; got '${key}'`);
  return { engine, url: checked.url('REDIS_URL', ['redis:', 'rediss:'], url), key };
}
