import { countFrom, numberFrom, valuesFrom } from '../bench/command-line.ts';

export interface Options {
  readonly minutes: number;
  /** Of what looks random. */
  readonly seed: number;
}

const standardMinutes = 10;
const mostSeed = 999_999;

const config = {
  minutes: { type: 'string' },
  seed: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const usage: string = [
  'Run all kinds of faults on loops and a pool for minutes, then see that nothing is left of them.',
  '',
  'Usage: npm run soak -- [options]',
  '',
  `  --minutes <number>  how long (default ${standardMinutes}; a fraction is fine)`,
  '  --seed <number>     repeat the choices of another run; which of them meet is never the same (default: a new one)',
  '  --help, -h          this text',
  '',
  'The exit code is 1 where a future did not settle, or not as it should, or memory has grown, or a thread or a handle is left.',
].join('\n');

/** Read the command line; undefined when it asks for help. Throws UsageError. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = valuesFrom(args, config);
  if (values.help === true) return undefined;
  return {
    minutes: numberFrom('--minutes', values.minutes, standardMinutes, 0.05, 10_000),
    seed: countFrom('--seed', values.seed, 1 + Math.floor(Math.random() * mostSeed), mostSeed),
  };
}
