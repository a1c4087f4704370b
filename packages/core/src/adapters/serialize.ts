import { inspect } from 'node:util';

import { InvalidArgumentError } from '../index.ts';

/** What the option `serialize` of a queue gives for a message; `expected` says what `fits`. Throws InvalidArgumentError. */
export function serializeMessage<T, S>(
  name: string,
  serialize: (data: T) => unknown,
  data: T,
  fits: (stored: unknown) => stored is S,
  expected: string,
): S {
  let stored: unknown;
  try {
    stored = serialize(data);
  } catch (cause) {
    throw new InvalidArgumentError(
      `${name} cannot serialize ${inspect(data, { depth: 0 })}: ${(cause as Error).message}; options serialize and parse can`,
      { cause },
    );
  }
  if (fits(stored)) return stored;
  throw new InvalidArgumentError(
    `option serialize of ${name} must give ${expected}; gave ${inspect(stored, { depth: 0 })}`,
  );
}
