// What producers put into a queue: a number, as in the tutorial (`redis-cli lpush queue 5`), or a message of the gateway as JSON.
import { inspect } from 'node:util';

import { Drop } from 'offloop';

import type { Message } from './message.ts';

/** A number: a message for which the service takes so many seconds. */
export type Payload = number | Message;

const mostSeconds = 60;

/** The path of the service that sends it. Throws `Drop` for what nobody can send: no second attempt will mend that. */
export function pathOf(payload: unknown): string {
  if (typeof payload === 'number' && payload >= 0 && payload <= mostSeconds) return `/wait/${payload}`;
  const id = (payload as Partial<Message> | null)?.id;
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return `/${id}`;
  throw new Drop(
    `not a message: it must be a number of seconds from 0 to ${mostSeconds}, or { "id": <whole number>, "to", "text" }; got ${shown(payload)}`,
  );
}

/** One short line, for people. */
export function shown(payload: unknown): string {
  const text = inspect(payload, { depth: 1, breakLength: Infinity });
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
