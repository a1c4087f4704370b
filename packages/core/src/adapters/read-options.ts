import { inspect } from 'node:util';

import { InvalidArgumentError } from '../index.ts';

/** Whether a value fits an option, and what does. */
export type OptionCheck = readonly [fits: (value: unknown) => boolean, expected: string];

const count = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;

export const aCount: OptionCheck = [
  (value) => count(value) || value === Infinity,
  'a whole number of at least 1, or Infinity',
];

/** How many dead letters are kept. */
export const aDeadLimit: OptionCheck = [
  aCount[0],
  `${aCount[1]} (what is given up has to lie somewhere until somebody has seen it)`,
];

export const aFunction: OptionCheck = [(value) => typeof value === 'function', 'a function'];

export const aString: OptionCheck = [(value) => typeof value === 'string', 'a string'];

export const aBoolean: OptionCheck = [(value) => typeof value === 'boolean', 'true or false'];

export const anything: OptionCheck = [() => true, ''];

export function wholeMilliseconds(least: number): OptionCheck {
  return [
    (value) => count(value) && (value as number) >= least && (value as number) <= 2 ** 31 - 1,
    `a whole number of milliseconds, at least ${least}`,
  ];
}

/** Copy what is given into an object without a prototype; throws InvalidArgumentError for an unknown name and a value that does not fit. */
export function readOptions<O extends object>(
  what: string,
  given: unknown,
  checks: { readonly [K in keyof Required<O>]: OptionCheck },
): O {
  const options = Object.create(null) as Record<string, unknown>;
  if (given === undefined) return options as O;
  if (typeof given !== 'object' || given === null)
    throw new InvalidArgumentError(`the options of ${what} must be an object; got ${inspect(given)}`);
  for (const [key, value] of Object.entries(given)) {
    const check = Object.hasOwn(checks, key) ? checks[key as keyof O] : undefined;
    if (check === undefined)
      throw new InvalidArgumentError(
        `${what} has no option ${JSON.stringify(key)}; it has ${Object.keys(checks).join(', ')}`,
      );
    if (value === undefined) continue;
    const [fits, expected] = check;
    if (!fits(value))
      throw new InvalidArgumentError(
        `option ${key} of ${what} must be ${expected}; got ${inspect(value, { depth: 0 })}`,
      );
    options[key] = value;
  }
  return options as O;
}

/** How many dead letters a call asks for. */
export function checkLimit(limit: number): number {
  if (count(limit)) return limit;
  throw new InvalidArgumentError(
    `the limit of dead letters must be a whole number of at least 1; got ${inspect(limit)}`,
  );
}

/** The ids of dead letters; a string is iterable, too, and its letters are no ids. */
export function checkIds(ids: Iterable<string>): string[] {
  if (isList(ids)) return [...ids];
  throw new InvalidArgumentError(
    `the ids of dead letters must be an array of strings, or another iterable; got ${inspect(ids)}`,
  );
}

/** The messages of `putMany`: the letters of a string would be messages, too. */
export function checkMessages<T>(data: Iterable<T>): T[] {
  if (isList(data)) return [...data];
  throw new InvalidArgumentError(
    `putMany takes an array of messages, or another iterable; got ${inspect(data)}. One message is for put()`,
  );
}

/** A string is iterable, too. */
function isList(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** The default of the options `serialize`. */
export function asJson(data: unknown): string {
  const text = JSON.stringify(data) as string | undefined;
  if (text === undefined) throw new TypeError('JSON has no such value');
  return text;
}
