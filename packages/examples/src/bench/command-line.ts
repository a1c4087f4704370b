// What the commands of this folder's neighbours have in common: reading options, and telling what is wrong with them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The command line cannot be understood; the message says which part of it, and what would be right. */
export class UsageError extends Error {}

type Config = NonNullable<ParseArgsConfig['options']>;
type Values<C extends Config> = ReturnType<typeof parseArgs<{ options: C }>>['values'];

/** The values by option. Throws UsageError. */
export function valuesFrom<const C extends Config>(args: readonly string[], config: C): Values<C> {
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

/** Names out of those that there are, in their order there; all when none are given. Throws UsageError. */
export function namesFrom(
  option: string,
  given: readonly string[] | undefined,
  valid: readonly string[],
): readonly string[] {
  if (given === undefined) return valid;
  const wanted = new Set(given.flatMap((text) => text.split(',')).filter((name) => name !== ''));
  for (const name of wanted)
    if (!valid.includes(name)) throw new UsageError(`option ${option}: no '${name}'; valid are ${valid.join(', ')}`);
  if (wanted.size === 0) throw new UsageError(`option ${option} names nothing; valid are ${valid.join(', ')}`);
  return valid.filter((name) => wanted.has(name));
}

/** A whole number from 1 on. Throws UsageError. */
export function countFrom(option: string, text: string | undefined, standard: number, most: number): number {
  if (text === undefined) return standard;
  const count = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (count >= 1 && count <= most) return count;
  throw new UsageError(`option ${option} must be a whole number from 1 to ${most}; got '${text}'`);
}

/** A number, which may have a fraction. Throws UsageError. */
export function numberFrom(
  option: string,
  text: string | undefined,
  standard: number,
  least: number,
  most: number,
): number {
  if (text === undefined) return standard;
  const number = /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`option ${option} must be a number from ${least} to ${most}; got '${text}'`);
}

/** Throws UsageError. */
export function fileFrom(option: string, file: string | undefined): string | undefined {
  if (file === '') throw new UsageError(`option ${option} must name a file; got nothing`);
  return file;
}

/** What `read` makes of the command line; undefined where it asked for help or was wrong, which the user has been told then. */
export function optionsOrTold<T>(command: string, usage: string, read: () => T | undefined): T | undefined {
  try {
    const given = read();
    if (given === undefined) console.log(usage);
    return given;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nTry: ${command} --help`);
    process.exitCode = 2;
    return undefined;
  }
}

/** Write a file, and the folders that it needs. */
export function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Tell how far it is: on a terminal in one line that changes; elsewhere only what went wrong. */
export function showProgress(line: string, isBad: boolean, isLast: boolean): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}${isBad || isLast ? '\n' : ''}`);
  else if (isBad) process.stderr.write(`${line}\n`);
}
