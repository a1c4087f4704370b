import { InvalidArgumentError } from '../base/errors.ts';
import { milliseconds, mustBe, readOptions, shown, type Check } from '../base/options.ts';

export interface BackoffPolicy {
  /** Milliseconds after the first attempt. Default 1,000. */
  readonly delayMs?: number;
  /** Each further wait is so many times the one before. Default 2. */
  readonly factor?: number;
  /** Most milliseconds. Default 60,000. */
  readonly maxMs?: number;
}

/**
 * How long a message waits after an attempt that failed: so many milliseconds each time; a policy; or a function of the number
 * of the attempt (1 for the first) and its error. Where the function throws or gives no number of milliseconds, the default holds.
 */
export type Backoff = number | BackoffPolicy | ((attempt: number, error: unknown) => number);

/** Milliseconds before the next attempt. Never throws. */
export type BackoffFunction = (attempt: number, error: unknown) => number;

const aFactor: Check = (value) => (typeof value === 'number' && value >= 1 ? undefined : 'a number of at least 1');

/** A second, then twice as long each time, up to a minute. */
export const defaultBackoff: BackoffFunction = growing({});

/** Check what was given as `what`, and make a function of it. */
export function toBackoff(what: string, given: unknown): BackoffFunction {
  if (given === undefined) return defaultBackoff;
  if (typeof given === 'number') {
    mustBe(what, given, milliseconds);
    return () => given;
  }
  if (typeof given === 'function') return guarded(given as BackoffFunction);
  if (typeof given === 'object' && given !== null)
    return growing(
      readOptions<BackoffPolicy>(what, given, { delayMs: milliseconds, factor: aFactor, maxMs: milliseconds }),
    );
  throw new InvalidArgumentError(
    `${what} must be a number of milliseconds, { delayMs, factor, maxMs }, or a function; got ${shown(given)}`,
  );
}

function growing({ delayMs = 1000, factor = 2, maxMs = 60_000 }: BackoffPolicy): BackoffFunction {
  // Far up the factor is Infinity, and none times that no number.
  return (attempt) => (delayMs === 0 ? 0 : Math.min(delayMs * factor ** (attempt - 1), maxMs));
}

function guarded(given: BackoffFunction): BackoffFunction {
  return (attempt, error) => {
    try {
      const ms = given(attempt, error);
      if (milliseconds(ms) === undefined) return ms;
    } catch {
      // The message must not be lost for it.
    }
    return defaultBackoff(attempt, error);
  };
}
