import type { Message } from './message-store.ts';
import type { DeadLetter, DeadReason } from './source.ts';

/** What is told, and may be kept, of a message that is given up. */
export function deadLetter<T>(message: Message<T>, reason: DeadReason, error: unknown): DeadLetter<T> {
  const { id, name, data, raw, attempt } = message;
  return Object.freeze({
    id,
    name,
    data: reason === 'malformed' ? undefined : data,
    ...(raw === undefined ? {} : { raw }),
    // A poisonous one is taken once more, to be given up.
    attempt: reason === 'malformed' ? 0 : reason === 'poison' ? attempt - 1 : attempt,
    reason,
    error,
  });
}
