import type { DeadLetter, DeadReason } from '../../index.ts';
import { unpackDeadError } from '../dead-error.ts';

/** A dead letter of its id and the value in Redis. */
export function readLetter<T>(id: string, value: string, name: string, parse: (text: string) => T): DeadLetter<T> {
  const [head = '', cause = '', ...rest] = value.split('\n');
  const raw = rest.join('\n');
  const stop = cause.indexOf(' ');
  let data: T | undefined;
  try {
    data = parse(raw);
  } catch {
    // It is malformed; or the list was opened with another parser than before.
  }
  return {
    id,
    name,
    data,
    raw,
    attempt: Number(head.split(' ')[1]),
    reason: cause.slice(0, stop) as DeadReason,
    error: unpackDeadError(cause.slice(stop + 1)),
  };
}
