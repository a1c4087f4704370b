import type { MessagePort } from 'node:worker_threads';

/** Marks the first message to a thread that is to watch the main one, and to be no loop. */
export const mainWatchKey = 'offloop.watch.1';

export interface MainWatchInit {
  readonly key: typeof mainWatchKey;
  readonly port: MessagePort;
  /** One word, which main counts up while it is not blocked. */
  readonly beats: SharedArrayBuffer;
  readonly stalledMs: number;
  /** Write to stderr at once: main cannot. */
  readonly prints: boolean;
}

/** What the watcher tells main when that can hear again. */
export interface MainStall {
  /** Milliseconds for which the main loop had been blocked when it was noticed. */
  readonly ms: number;
  /** Where it was, as the frames of a stack; empty where it could not be asked: it was outside of JavaScript, or `--permission`. */
  readonly stack: string;
}

/** Main beats, and is looked at, so often in each `stalledMs`. */
export const beatsPerStall = 4;
