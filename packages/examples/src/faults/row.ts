import type { Scene } from './scene.ts';
import type { Finding } from './verdict.ts';

/** How the process of a probe has come to its end. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it said, on both of its outputs. */
  readonly text: string;
  /** It was killed at its limit. */
  readonly isLate: boolean;
  /** Milliseconds from the moment that the probe was through; from its start, where it died before that. */
  readonly ms: number;
}

/** One way of one fault, in a process of its own. */
export interface Probe {
  readonly name: string;
  readonly run: (scene: Scene) => Promise<void> | void;
  /**
   * The end of the process is what counts: it is left to end by itself when the probe is through. Without it the process
   * is ended then.
   */
  readonly judgeEnd?: (end: ProcessEnd) => readonly Finding[];
  /** The process may end before the probe is through; else that counts as its death. Only with `judgeEnd`. */
  readonly mayDie?: boolean;
  /** Node options for the process. */
  readonly execArgv?: readonly string[];
}

/** A fault: a row of the table. */
export interface Row {
  readonly number: number;
  readonly fault: string;
  readonly owed: string;
  readonly probes: readonly Probe[];
}
