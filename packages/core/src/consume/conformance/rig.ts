import type { Source } from '../source.ts';

/** One queue, empty and for one case alone, and what a test may do to it. See `sourceConformance`. */
export interface SourceRig {
  /** The queue as a source; each call as another process would open it. */
  open(): Source<number>;
  /** Put a message in, as a producer does. */
  put(data: number): PromiseLike<void> | void;
  /** Messages that nobody has taken, those that wait for another attempt too; and dead letters. */
  count(): Promise<{ waiting: number; dead: number }> | { waiting: number; dead: number };
  /** Put something in that is no message. */
  putMalformed?(): Promise<void>;
  /** Have all leases run out, as if the consumers had been silent for too long. They are told as they are in earnest. */
  loseLeases?(): Promise<void>;
  /** Cut the source off from its server, until the function that it gives is called. */
  cut?(): Promise<() => Promise<void>>;
  /** Let go of everything; the case is over. */
  close(): Promise<void> | void;
}

/** What a rig may be able to make its source suffer. */
export type SourceFault = 'putMalformed' | 'loseLeases' | 'cut';

export interface ConformanceCase {
  /** What holds, as a sentence. */
  readonly name: string;
  /** Rejects when it does not. */
  readonly run: () => Promise<void>;
}

export interface ConformanceOptions {
  /** Milliseconds that a case waits for something that has to come. Default 10,000. */
  readonly patienceMs?: number;
  /** What the rigs can do beyond the necessary; the cases that want others are left out. Default: none. */
  readonly faults?: readonly SourceFault[];
}
