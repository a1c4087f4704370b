// How an owner breaks into the thread of its loop: it has the thread evaluate a call of the guard, on top of whatever runs.

/** Where the thread keeps its guard: on its global object, under this symbol. */
export const guardKey: symbol = Symbol.for('offloop.guard.1');

/** The expression that asks the guard to break off call `id`; 0 for none, to be told where the thread is. */
export function guardCall(id: number): string {
  return `globalThis[Symbol.for('offloop.guard.1')]?.(${id})`;
}

/** What the guard answers with: whether it breaks the call off, and where the thread is. */
export interface Breach {
  readonly isBroken: boolean;
  readonly stack: string;
}

/** As one string: nothing has to be looked into on the way, after the thread's JavaScript has been stopped. */
export function encodeBreach({ isBroken, stack }: Breach): string {
  return (isBroken ? '+' : '-') + stack;
}

export function decodeBreach(answer: unknown): Breach | undefined {
  if (typeof answer !== 'string' || answer === '') return undefined;
  return { isBroken: answer.startsWith('+'), stack: answer.slice(1) };
}
