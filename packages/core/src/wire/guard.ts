// How an owner breaks into the thread of its loop: it has the thread evaluate a call of the guard, on top of whatever runs.

/** Where the thread keeps its guard: on its global object, under this symbol. */
export const guardKey: symbol = Symbol.for('offloop.guard.1');

/** The expression that asks the guard to break off call `id`; 0 for none, to be told where the thread is. */
export function guardCall(id: number): string {
  return `globalThis[Symbol.for('offloop.guard.1')]?.(${id})`;
}

/**
 * What comes of asking: the call was broken off; it is in the middle of something that must not be, right now; or it is not this
 * call that has the thread, or not where it could be broken off.
 */
export type BreachOutcome = 'broken' | 'unsafe' | 'elsewhere';

/** What the guard answers with, and where the thread is. */
export interface Breach {
  readonly outcome: BreachOutcome;
  readonly stack: string;
}

/** As one string: nothing has to be looked into on the way, after the thread's JavaScript has been stopped. */
export function encodeBreach({ outcome, stack }: Breach): string {
  return `${outcome}:${stack}`;
}

export function decodeBreach(answer: unknown): Breach | undefined {
  const [, outcome, stack] = /^(broken|unsafe|elsewhere):(.*)$/s.exec(typeof answer === 'string' ? answer : '') ?? [];
  return stack === undefined ? undefined : { outcome: outcome as BreachOutcome, stack };
}
