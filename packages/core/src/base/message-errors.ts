import { OffloopError } from './errors.ts';
import { named } from './named.ts';

/**
 * Thrown by a job, or by the handler of a source: this message will never work, put it to the dead letters at once, whatever
 * attempts are left. The message says why; `cause` may be the error behind it.
 *
 * @example
 * export function send(number: string) {
 *   if (!/^\d+$/.test(number)) throw new Drop(`${number} is no number to send to`);
 * }
 */
export class Drop extends OffloopError {
  static {
    named(this, 'Drop');
  }

  constructor(message: string, options?: ErrorOptions) {
    super('OFFLOOP_DROPPED', message, options);
  }
}

/**
 * The message is no longer this consumer's: it did not renew its lease in time (its thread was blocked, its machine slept, the
 * connection was cut), and others may have it by now. What the job still does is not acknowledged.
 */
export class LeaseLostError extends OffloopError {
  static {
    named(this, 'LeaseLostError');
  }

  constructor(message: string, options?: ErrorOptions) {
    super('OFFLOOP_LEASE_LOST', message, options);
  }
}

/** What lies in the queue cannot be read as a message; `cause` is what the parser threw. No retry can mend that. */
export class MalformedMessageError extends OffloopError {
  static {
    named(this, 'MalformedMessageError');
  }

  constructor(message: string, options?: ErrorOptions) {
    super('OFFLOOP_MALFORMED_MESSAGE', message, options);
  }
}

/** Whoever took the message never told how it ended, as often as it may be tried: it probably kills its consumers. */
export class PoisonMessageError extends OffloopError {
  static {
    named(this, 'PoisonMessageError');
  }

  constructor(message: string, options?: ErrorOptions) {
    super('OFFLOOP_POISON_MESSAGE', message, options);
  }
}
