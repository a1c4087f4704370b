import { decodeBreach, guardCall, type Breach } from '../wire/guard.ts';
import { Inspection } from './inspection.ts';

/** A thread answers within a millisecond, unless it is outside of JavaScript. */
const answerMs = 250;

const inspection = new Inspection();

/** Break off the call that blocks the thread, if it is this one; undefined when the thread could not be asked. */
export function interrupt(threadId: number, callId: number, tell: (breach: Breach | undefined) => void): void {
  const params = { expression: guardCall(callId), silent: true };
  inspection.ask(threadId, 'Runtime.evaluate', params, answerMs, (answer) =>
    tell('result' in answer ? decodeBreach((answer.result as Evaluated | undefined)?.result?.value) : undefined),
  );
}

/** Hear what threads have answered: for who blocks this one, and is woken by the next answer. */
export function hearAnswers(wake: () => void): void {
  inspection.hearNow(wake);
}

/** Where the thread is right now; undefined when it could not be asked. */
export function stackOf(threadId: number): Promise<string | undefined> {
  return new Promise((resolve) => interrupt(threadId, 0, (breach) => resolve(breach?.stack)));
}

interface Evaluated {
  readonly result?: { readonly value?: unknown };
}
