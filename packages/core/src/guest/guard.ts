import type { Session } from 'node:inspector';

import { leaveContexts } from '../base/contexts.ts';
import { encodeBreach, guardKey } from '../wire/guard.ts';
import { jobFrames } from './job-frames.ts';

/*
 *   closed ── enter(id): the function of a call begins, in a port's callback ──► open for id
 *   open ─┬─ leave: it has returned, thrown, or awaits ───────────────────────► closed
 *         ├─ the guard is asked for id, inside a function of Node's or ours: 'unsafe', ask again ──► open for id
 *         └─ the guard is asked for id: everything is put in order, then the thread's JavaScript is stopped ──► closed
 *
 * The guard runs as an interrupt on top of the function, so while it is open nothing of ours is on the stack above `enter`
 * that could be left half done. What is stopped runs no `catch` and no `finally`; the message's callback ends, and the loop goes on.
 */
/** Lets the owner of this thread break off the call that blocks it, and no other: to check and to stop are one step. */
export class Guard {
  readonly #onBreak: (() => void)[] = [];
  #open = 0;
  #session: Session | undefined;

  /** Call `fn` when the call that is open is about to be stopped: put everything in order, as if it had ended. */
  onBreak(fn: () => void): void {
    this.#onBreak.push(fn);
  }

  /** Let the owner in. */
  install(): void {
    Object.defineProperty(globalThis, guardKey, { value: (id: number) => this.#answer(id) });
  }

  enter(id: number): void {
    this.#open = id;
  }

  leave(): void {
    this.#open = 0;
  }

  #answer(id: number): string {
    const { stack, mayBreak, isInContext } = jobFrames();
    if (id === 0 || this.#open !== id) return encodeBreach({ outcome: 'elsewhere', stack });
    if (!mayBreak) return encodeBreach({ outcome: 'unsafe', stack });
    const session = this.#connect();
    if (session === undefined) return encodeBreach({ outcome: 'elsewhere', stack });
    const answer = encodeBreach({ outcome: 'broken', stack });
    this.#open = 0;
    for (const putInOrder of this.#onBreak) putInOrder();
    leaveContexts(isInContext);
    // From here on no JavaScript runs in this thread until the callback that it is in has ended.
    session.post('Runtime.terminateExecution');
    return answer;
  }

  /** A session of this thread with itself. Undefined where there is none, as under `--permission`. */
  #connect(): Session | undefined {
    if (this.#session !== undefined) return this.#session;
    try {
      const inspector = process.getBuiltinModule('node:inspector');
      const session = new inspector.Session();
      session.connect();
      this.#session = session;
    } catch {
      return undefined;
    }
    return this.#session;
  }
}
