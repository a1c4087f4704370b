import { writeSync } from 'node:fs';

import { systemClock, type Clock } from '../base/clock.ts';
import { beatsPerStall, type MainStall, type MainWatchInit } from '../wire/main-watch.ts';

/** Main answers within a millisecond, unless it is outside of JavaScript. */
const answerMs = 250;

const stackExpression =
  '(() => { const limit = Error.stackTraceLimit; Error.stackTraceLimit = 50; const { stack } = new Error(); Error.stackTraceLimit = limit; return stack; })()';

/*
 *   free ── no beat for stalledMs ──► stalled: told, once ── a beat ──► free
 *   (Where this thread has had no time itself, as in a process that was suspended, it begins anew.)
 */
/** Watches the main loop from a thread of its own, which goes on while that is blocked. */
export function watchMain(init: MainWatchInit): void {
  const { port, prints } = init;
  watchBeats(init, systemClock, (ms) =>
    stackOfMain((stack) => {
      if (prints)
        writeSync(2, `offloop: the main loop has been blocked for ${Math.round(ms)} ms${stack && `\n${stack}`}\n`);
      port.postMessage({ ms, stack } satisfies MainStall);
    }),
  );
  port.on('close', () => process.exit(0));
}

function watchBeats({ beats, stalledMs }: MainWatchInit, clock: Clock, tell: (ms: number) => void): void {
  const words = new Int32Array(beats);
  const everyMs = Math.max(1, stalledMs / beatsPerStall);
  let last = Atomics.load(words, 0);
  let since = clock.now();
  let lookedAt = since;
  let isTold = false;
  const look = (): void => {
    const now = clock.now();
    const beat = Atomics.load(words, 0);
    if (beat !== last || now - lookedAt > stalledMs) {
      last = beat;
      since = now;
      isTold = false;
    } else if (!isTold && now - since >= stalledMs) {
      isTold = true;
      tell(now - since);
    }
    lookedAt = now;
    clock.setTimer(everyMs, look);
  };
  look();
}

/** V8 answers on top of what main is doing. Empty where it does not. */
function stackOfMain(tell: (stack: string) => void): void {
  let isOver = false;
  const once = (stack: string): void => {
    if (isOver) return;
    isOver = true;
    tell(stack);
  };
  try {
    const { Session } = process.getBuiltinModule('node:inspector');
    const session = new Session();
    session.connectToMainThread();
    systemClock.setTimer(answerMs, () => {
      session.disconnect();
      once('');
    });
    session.post('Runtime.evaluate', { expression: stackExpression, silent: true }, (_error, answer) => {
      once(framesOf((answer as { result?: { value?: unknown } } | undefined)?.result?.value));
    });
  } catch {
    once('');
  }
}

/** Without the lines of the expression itself. */
function framesOf(stack: unknown): string {
  if (typeof stack !== 'string') return '';
  const lines = stack.split('\n').slice(1);
  return lines.filter((line) => !/<anonymous>:1:\d+\)?$/.test(line)).join('\n');
}
