import type { ConsumeErrorContext } from './consume-options.ts';
import type { DoneMessage } from './job-desk.ts';
import type { DeadLetter, SourceHealth } from './source.ts';

export type ConsumerState = 'running' | 'paused' | 'closing' | 'closed';

export interface ConsumerStats {
  readonly state: ConsumerState;
  /** Most messages under way at a time. */
  readonly concurrency: number;
  /** Jobs under way. */
  readonly active: number;
  /** Jobs that returned. */
  readonly done: number;
  /** Attempts that failed. */
  readonly failed: number;
  /** Messages that this consumer put to the dead letters. */
  readonly givenUp: number;
  /** Messages that were lost to other consumers under their jobs. */
  readonly lost: number;
  /** Jobs whose timeout is over and that have not ended. */
  readonly zombies: number;
}

export interface ConsumerHealth {
  /** It takes messages, or could, and its source can be reached. */
  readonly isHealthy: boolean;
  readonly state: ConsumerState;
  readonly source: SourceHealth;
}

export interface ConsumerEvents<T> {
  /** A message was worked through; whether the source has stored that already is not told. */
  done: [message: DoneMessage<T>];
  /** A message was put to the dead letters. */
  giveUp: [letter: DeadLetter<T>];
  /** Anything that went wrong; see `onError`. Without a listener a warning is printed for all but attempts that are followed by others. */
  error: [error: unknown, context: ConsumeErrorContext<T>];
}
