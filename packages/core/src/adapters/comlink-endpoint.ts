import { MessagePort, receiveMessageOnPort, type Transferable } from 'node:worker_threads';

import type { Endpoint } from 'comlink';

import { InvalidStateError, type WorkerLoop } from '../index.ts';
import { offLoopEnd, onLoopEnd, type EndListener } from './comlink-loop-end.ts';

/** Of Comlink's messages, what is looked at here. */
interface Request {
  readonly id: string;
  readonly type: 'GET' | 'SET' | 'APPLY' | 'CONSTRUCT' | 'ENDPOINT' | 'RELEASE';
  readonly path?: readonly string[];
}

interface Answer {
  readonly id: string;
  readonly type: 'RAW' | 'HANDLER';
  readonly name?: string;
  value: unknown;
}

/** As the DOM has it, whose types a program for Node need not have. */
type Listener = ((event: unknown) => void) | { handleEvent(event: unknown): void };

/** A port closes with its thread; the thread's end is told within this time, unless only the port was closed. */
const endFollowsMs = 500;

/*
 *   open ── RELEASE is sent ──► released ── answered, or the port is closed ──► over
 *     └──── the loop has ended, or the port was closed by the other side ─────► over
 *
 * Comlink waits for the answer of each request, for ever. So whatever leads out of `open` answers those that have none, and
 * every later one, with an error.
 */
/** The caller's end of a remote object: a port whose requests all get an answer, and that holds the process meanwhile only. */
export class RemoteEndpoint implements Endpoint, EndListener {
  readonly #port: MessagePort;
  readonly #loop: WorkerLoop;
  readonly #label: string;
  readonly #listeners = new Set<Listener>();
  /** What was asked and has no answer yet. */
  readonly #waiting = new Map<string, Request>();
  /** Makes the error of what is asked from now on. */
  #refusal: ((what: string) => Error) | undefined;
  #closeTimer: NodeJS.Timeout | undefined;

  /** `label` names the object in errors. */
  constructor(port: MessagePort, loop: WorkerLoop, label: string) {
    this.#port = port;
    this.#loop = loop;
    this.#label = label;
    port.on('message', (message: Answer) => this.#arrived(message));
    port.once('close', () => this.#portClosed());
    port.unref();
    onLoopEnd(loop, this);
  }

  postMessage(message: Request, transfer?: Transferable[]): void {
    if (this.#refusal !== undefined) {
      // Comlink begins to listen for the answer after this.
      queueMicrotask(() => this.#refuse(message));
      return;
    }
    this.#port.postMessage(message, transfer ?? []);
    if (message.type === 'RELEASE') this.#released();
    this.#waiting.set(message.id, message);
    this.#hold();
  }

  addEventListener(_type: string, listener: Listener): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: string, listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /** Comlink calls this of every port that it is given. */
  start(): void {}

  onLoopEnd(errorFor: (what: string) => Error): void {
    // Answers that were sent before the end count.
    for (let each = receiveMessageOnPort(this.#port); each !== undefined; each = receiveMessageOnPort(this.#port))
      this.#arrived(each.message as Answer);
    this.#refuseAll(errorFor);
    this.#over();
  }

  #arrived(answer: Answer): void {
    const asked = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    // A further object of the loop: its calls must not wait for ever, either.
    if (answer.type === 'HANDLER' && answer.name === 'proxy' && answer.value instanceof MessagePort)
      answer.value = new RemoteEndpoint(answer.value, this.#loop, `an object from ${this.#label}`);
    this.#tell(answer);
    if (asked?.type === 'RELEASE') this.#over();
    else this.#hold();
  }

  /** Comlink forgets the calls of a proxy that is released: they are answered before. */
  #released(): void {
    this.#refuseAll((what) => new InvalidStateError(`${what} was not answered: the proxy was released`));
  }

  #portClosed(): void {
    if (this.#closeTimer !== undefined) return;
    const cut = (): void => {
      this.#refuseAll(
        (what) => new InvalidStateError(`${what} was not answered: the other thread has closed the object's port`),
      );
      this.#over();
    };
    // The immediate lets an end be heard first that came while this thread was blocked.
    this.#closeTimer = setTimeout(() => void setImmediate(cut), endFollowsMs);
    this.#hold();
  }

  #refuseAll(errorFor: (what: string) => Error): void {
    this.#refusal ??= errorFor;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) this.#refuse(each);
  }

  #refuse({ id, type, path = [] }: Request): void {
    if (type === 'RELEASE') {
      this.#tell({ id, type: 'RAW', value: undefined });
      return;
    }
    const name = path.length === 0 ? this.#label : `${path.join('.')}${type === 'APPLY' ? '()' : ''} of ${this.#label}`;
    const error = this.#refusal?.(name);
    this.#tell({ id, type: 'HANDLER', name: 'throw', value: { isError: false, value: error } });
  }

  #tell(data: Answer): void {
    const event = { data };
    for (const each of this.#listeners) {
      if (typeof each === 'function') each(event);
      else each.handleEvent(event);
    }
  }

  #over(): void {
    clearTimeout(this.#closeTimer);
    offLoopEnd(this.#loop, this);
    this.#port.close();
  }

  /** Only calls hold the process: nobody waits for the answer of a release. */
  #hold(): void {
    const held = this.#waiting.size > 0 && this.#refusal === undefined;
    if (held) this.#port.ref();
    else this.#port.unref();
    if (held) this.#closeTimer?.ref();
    else this.#closeTimer?.unref();
  }
}
