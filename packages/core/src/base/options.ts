import { inspect } from 'node:util';

import { InvalidArgumentError } from './errors.ts';

/** A check of one option: returns what was expected when the value does not fit, else undefined. */
export type Check = (value: unknown) => string | undefined;

/** A value as it stands in an error message: one short line. Never throws, whatever the value does when it is looked at. */
export function shown(value: unknown): string {
  try {
    return textOf(value);
  } catch {
    return `(a value of type ${typeof value} that cannot be shown)`;
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'function')
    return `[${/^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'function'} ${value.name || '(anonymous)'}]`;
  const text = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 60 });
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** Throw unless `value` passes `check`; `what` names it in the message. */
export function mustBe(what: string, value: unknown, check: Check): void {
  const expected = check(value);
  if (expected !== undefined) throw new InvalidArgumentError(`${what} must be ${expected}; got ${shown(value)}`);
}

/** What all calls without options share. */
const noOptions: object = Object.freeze(Object.create(null));

/**
 * Copy the options that are given into an object without a prototype, so that a polluted `Object.prototype` has no
 * influence. Throws InvalidArgumentError for an unknown name and for a value of the wrong type; undefined counts as not given.
 * The copy is for reading only: calls without options share one.
 */
export function readOptions<T extends object>(
  what: string,
  given: T | undefined,
  checks: { readonly [K in keyof Required<T>]: Check },
): T {
  if (given === undefined) return noOptions as T;
  if (typeof given !== 'object' || given === null)
    throw new InvalidArgumentError(`the options of ${what} must be an object; got ${shown(given)}`);
  const options = Object.create(null) as T;
  for (const key of Object.keys(given) as (keyof T & string)[]) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined) {
      throw new InvalidArgumentError(
        `${what} has no option ${JSON.stringify(key)}; it has ${Object.keys(checks).join(', ')}`,
      );
    }
    const value = given[key];
    if (value === undefined) continue;
    mustBe(`option ${key} of ${what}`, value, check);
    options[key] = value;
  }
  return options;
}

export const aBoolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');

export const aString: Check = (value) => (typeof value === 'string' ? undefined : 'a string');

export const aFunction: Check = (value) => (typeof value === 'function' ? undefined : 'a function');

export const anObject: Check = (value) => (typeof value === 'object' && value !== null ? undefined : 'an object');

export const anArray: Check = (value) => (Array.isArray(value) ? undefined : 'an array');

export const anything: Check = () => undefined;

/** A duration in milliseconds: zero or more, Infinity included. */
export const milliseconds: Check = (value) =>
  typeof value === 'number' && value >= 0 ? undefined : 'a number of milliseconds, 0 or more';

/** A duration that is neither nothing nor for ever. */
export const someMilliseconds: Check = (value) =>
  typeof value === 'number' && value > 0 && value < Infinity
    ? undefined
    : 'a number of milliseconds, more than 0 and less than Infinity';

/** A time to spin: longer than this nobody should burn a core. */
export const microseconds: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= 10_000 ? undefined : 'a number of microseconds from 0 to 10,000';

export const aPositiveInteger: Check = (value) =>
  (Number.isInteger(value) && (value as number) >= 1) || value === Infinity
    ? undefined
    : 'a whole number of at least 1, or Infinity';

export const anAbortSignal: Check = (value) => (value instanceof AbortSignal ? undefined : 'an AbortSignal');

export function oneOf(...values: readonly string[]): Check {
  return (value) =>
    values.includes(value as string) ? undefined : `one of ${values.map((each) => `'${each}'`).join(', ')}`;
}
