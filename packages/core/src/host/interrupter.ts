import type { Session } from 'node:inspector';
import { isMainThread } from 'node:worker_threads';

import { systemClock } from '../base/clock.ts';
import { decodeBreach, guardCall, type Breach } from '../wire/guard.ts';
import { OwnTurn } from './own-turn.ts';

/** A thread answers within a millisecond, unless it is outside of JavaScript. */
const answerMs = 250;

/*
 * One inspector session of this process, open while anybody asks something through it:
 *
 *   closed ── first question: connect, NodeWorker.enable ──► open ── attachedToWorker, for each thread ──► questions are sent
 *     ▲                                                        └── the last answer, or the end of its time ──┐
 *     └──────────────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * It rests on what Node does and does not promise, so everything that can fail gives undefined, and the ladder goes on to
 * its next rung. Sessions of workers cannot reach other workers: loops whose owner is no main thread are not interrupted.
 */
class Interrupter {
  #session: Session | undefined;
  /** An event of the session comes in the middle of anything. */
  #turns: OwnTurn<() => void> | undefined;
  /** The inspector's names of threads, by thread id. */
  readonly #threads = new Map<number, string>();
  #waiting: { readonly threadId: number; readonly ask: () => void }[] = [];
  readonly #questions = new Map<number, (answer: unknown) => void>();
  #last = 0;

  /** Evaluate an expression in a thread, on top of whatever runs there; undefined when that cannot be done or takes too long. */
  evaluate(threadId: number, expression: string, tell: (answer: unknown) => void): void {
    const id = ++this.#last;
    const timer = systemClock.setTimer(answerMs, () => this.#answer(id, undefined));
    this.#questions.set(id, (answer) => {
      timer.cancel();
      tell(answer);
    });
    const ask = (): void => this.#send(id, threadId, expression);
    if (!this.#open()) this.#answer(id, undefined);
    else if (this.#threads.has(threadId)) ask();
    else this.#waiting.push({ threadId, ask });
  }

  /** This thread is blocked, so that no turn of its own comes: hear what has arrived, and be woken for what will. */
  hearNow(wake: () => void): void {
    if (this.#turns === undefined) return;
    this.#turns.onArrived = wake;
    this.#turns.take();
  }

  #open(): boolean {
    if (this.#session !== undefined) return true;
    if (!isMainThread) return false;
    try {
      const { Session } = process.getBuiltinModule('node:inspector');
      const session = new Session();
      session.connect();
      this.#session = session;
      const turns = new OwnTurn<() => void>((fn) => fn());
      this.#turns = turns;
      session.on('NodeWorker.attachedToWorker', ({ params: { workerInfo, sessionId } }) =>
        turns.push(() => this.#attached(workerInfo.title, sessionId)),
      );
      session.on('NodeWorker.receivedMessageFromWorker', ({ params: { message } }) =>
        turns.push(() => this.#received(message)),
      );
      session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
      return true;
    } catch {
      return false;
    }
  }

  /** The title is `[worker 3] its name`; the inspector's own number is another one. */
  #attached(title: string, sessionId: string): void {
    const threadId = Number(/^\[worker (\d+)\]/.exec(title)?.[1]);
    this.#threads.set(threadId, sessionId);
    const now = this.#waiting.filter((each) => each.threadId === threadId);
    this.#waiting = this.#waiting.filter((each) => each.threadId !== threadId);
    for (const { ask } of now) ask();
  }

  #send(id: number, threadId: number, expression: string): void {
    const sessionId = this.#threads.get(threadId) ?? '';
    const message = JSON.stringify({ id, method: 'Runtime.evaluate', params: { expression, silent: true } });
    this.#session?.post('NodeWorker.sendMessageToWorker', { sessionId, message }, (error) => {
      if (error !== null) this.#turns?.push(() => this.#answer(id, undefined));
    });
  }

  #received(message: string): void {
    const { id, result } = JSON.parse(message) as { id?: number; result?: { result?: { value?: unknown } } };
    if (id !== undefined) this.#answer(id, result?.result?.value);
  }

  #answer(id: number, answer: unknown): void {
    const settle = this.#questions.get(id);
    this.#questions.delete(id);
    settle?.(answer);
    if (this.#questions.size > 0) return;
    this.#session?.disconnect();
    this.#session = undefined;
    this.#turns?.close();
    this.#threads.clear();
    this.#waiting = [];
  }
}

const interrupter = new Interrupter();

/** Break off the call that blocks the thread, if it is this one; undefined when the thread could not be asked. */
export function interrupt(threadId: number, callId: number, tell: (breach: Breach | undefined) => void): void {
  interrupter.evaluate(threadId, guardCall(callId), (answer) => tell(decodeBreach(answer)));
}

/** Hear what threads have answered: for who blocks this one, and is woken by the next answer. */
export function hearAnswers(wake: () => void): void {
  interrupter.hearNow(wake);
}

/** Where the thread is right now; undefined when it could not be asked. */
export function stackOf(threadId: number): Promise<string | undefined> {
  return new Promise((resolve) => interrupt(threadId, 0, (breach) => resolve(breach?.stack)));
}
