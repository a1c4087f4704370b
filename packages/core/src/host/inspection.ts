import type { Session } from 'node:inspector';
import { isMainThread } from 'node:worker_threads';

import { systemClock } from '../base/clock.ts';
import { OwnTurn } from './own-turn.ts';

/** What came of a question to a thread. */
export type Answer = { readonly result: unknown } | { readonly problem: string };

/*
 * One inspector session with all threads of the process, open while anybody asks something through it, or holds it:
 *
 *   closed ── first question: connect, NodeWorker.enable ──► open ── attachedToWorker, for each thread ──► questions are sent
 *     ▲                                                        └── the last answer, or the end of its time, no hold ──┐
 *     └────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * It rests on what Node does and does not promise, so everything that can fail gives a problem in words. The main thread's
 * inspector knows all threads, those of workers too; a worker asks it from outside, and gets answers while main is blocked.
 */
/** Asks the threads of this process through Node's inspector, also those that are blocked: V8 answers on top of what runs there. */
export class Inspection {
  #session: Session | undefined;
  /** An event of the session comes in the middle of anything. */
  #turns: OwnTurn<() => void> | undefined;
  /** The inspector's names of threads, by thread id. */
  readonly #threads = new Map<number, string>();
  #waiting: { readonly threadId: number; readonly ask: () => void }[] = [];
  readonly #questions = new Map<number, (answer: Answer) => void>();
  #last = 0;
  #holds = 0;

  /** Have a thread do what the inspector's `method` says; `tell` is called once, at the latest after `limitMs`. */
  ask(
    threadId: number,
    method: string,
    params: Readonly<Record<string, unknown>>,
    limitMs: number,
    tell: (answer: Answer) => void,
  ): void {
    const id = ++this.#last;
    const timer = systemClock.setTimer(limitMs, () => {
      // This thread may have been busy all the time, and its timer comes before the turn in which answers are heard.
      this.#turns?.take();
      this.#answer(id, {
        problem: `it did not answer within ${limitMs} ms: it has ended, or blocks outside of JavaScript`,
      });
    });
    this.#questions.set(id, (answer) => {
      timer.cancel();
      tell(answer);
    });
    const ask = (): void => this.#send(id, threadId, method, params);
    const problem = this.#open();
    if (problem !== undefined) this.#answer(id, { problem });
    else if (this.#threads.has(threadId)) ask();
    else this.#waiting.push({ threadId, ask });
  }

  /** This thread is blocked, so that no turn of its own comes: hear what has arrived, and be woken for what will. */
  hearNow(wake: () => void): void {
    if (this.#turns === undefined) return;
    this.#turns.onArrived = wake;
    this.#turns.take();
  }

  /** Keep the session open between questions: what was switched on in a thread stays on. */
  hold(): void {
    this.#holds++;
  }

  release(): void {
    this.#holds--;
    this.#closeIfUnused();
  }

  /** Undefined when it is open, else why it cannot be. */
  #open(): string | undefined {
    if (this.#session !== undefined) return undefined;
    try {
      const { Session } = process.getBuiltinModule('node:inspector');
      const session = new Session();
      if (isMainThread) session.connect();
      else session.connectToMainThread();
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
      return undefined;
    } catch (error) {
      this.#session = undefined;
      return `this process has no inspector (--permission without --allow-inspector, or a Node built without it): ${String(error)}`;
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

  #send(id: number, threadId: number, method: string, params: Readonly<Record<string, unknown>>): void {
    const sessionId = this.#threads.get(threadId) ?? '';
    const message = JSON.stringify({ id, method, params });
    this.#session?.post('NodeWorker.sendMessageToWorker', { sessionId, message }, (error) => {
      if (error !== null)
        this.#turns?.push(() => this.#answer(id, { problem: `it cannot be reached: ${error.message}` }));
    });
  }

  #received(message: string): void {
    const { id, result, error } = JSON.parse(message) as { id?: number; result?: unknown; error?: { message: string } };
    if (id !== undefined) this.#answer(id, error === undefined ? { result } : { problem: error.message });
  }

  #answer(id: number, answer: Answer): void {
    const settle = this.#questions.get(id);
    this.#questions.delete(id);
    settle?.(answer);
    this.#closeIfUnused();
  }

  #closeIfUnused(): void {
    if (this.#questions.size > 0 || this.#holds > 0) return;
    this.#session?.disconnect();
    this.#session = undefined;
    this.#turns?.close();
    this.#threads.clear();
    this.#waiting = [];
  }
}
