import { MessageChannel, type MessagePort } from 'node:worker_threads';

import { systemClock, type Clock } from '../base/clock.ts';
import { LoopClosedError, LoopCrashedError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { TimerQueue } from '../base/timer-queue.ts';
import { CallerLink } from '../link/caller-link.ts';
import type { CallerEvents } from '../link/caller-events.ts';
import type { Contact } from '../link/contact.ts';
import { Holds } from '../link/holds.ts';
import { threadTable } from '../link/thread-table.ts';
import { PortTransport, type Receiver } from '../link/transport.ts';
import { Op } from '../wire/frames.ts';
import type { CallHost, ErrorContext } from './call-host.ts';
import { connectByPort } from './connect.ts';
import { lostCallError } from './loop-errors.ts';

/** As that of a WorkerLoop. */
const maxQueue = 262_144;

/*
 *   open ── Closing ──► closing ── Bye, or the port closes ──► gone
 *     └───── the port closes: after Bye the loop has closed, else it has crashed ──► gone
 */
/** A loop that this thread does not own, at the other end of a port: where the calls of a handle go. */
export class RemoteLoop implements CallHost, CallerEvents {
  readonly name: string;
  readonly threadId: number;
  readonly debug: boolean = process.env['OFFLOOP_DEBUG'] === '1';
  readonly clock: Clock = systemClock;
  readonly link: CallerLink;
  readonly holds: Holds;
  readonly timeouts: TimerQueue = new TimerQueue(systemClock, false);
  zombies = 0;
  isUnflushed = false;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #bye = false;
  #exitCode: number | undefined;
  #failure: Error | undefined;
  readonly #transport: PortTransport;

  private constructor(contact: Contact, port: MessagePort) {
    this.name = contact.name;
    this.threadId = contact.threadId;
    let transport!: PortTransport;
    const open = (receiver: Receiver): PortTransport => (transport = new PortTransport(port, receiver));
    this.link = new CallerLink((handler) => connectByPort(handler, open), this, maxQueue);
    this.#transport = transport;
    if (contact.isClosing) this.#state = 'closing';
    this.holds = new Holds(port);
    this.link.send([Op.Hello, threadTable().own]);
  }

  /** The calls of a contact that this thread does not own: over its port, or over a new one to this thread's own loop. */
  static of(contact: Contact): RemoteLoop {
    let { port } = contact;
    if (port === undefined) {
      const { port1, port2 } = new MessageChannel();
      contact.introduce(port1);
      port = port2;
      port2.once('close', () => loop.#onGone());
    }
    const loop = new RemoteLoop(contact, port);
    contact.adopted();
    if (contact.isGone) {
      // Of what has ended it nobody here has heard.
      loop.#bye = true;
      loop.#onGone();
    } else contact.onGone = () => loop.#onGone();
    return loop;
  }

  get isClosed(): boolean {
    return this.#state !== 'open';
  }

  mustTakeWork(): void {
    if (this.#state === 'open') return;
    throw new LoopClosedError(
      `loop '${this.name}' is ${this.#state} and takes no more work; its handle stays with its thread, a loop that takes its place has another`,
      this.#failure === undefined ? undefined : { cause: this.#failure },
    );
  }

  /** What a callback throws is told where it ran. */
  report(error: unknown, origin: ErrorContext['origin']): void {
    if (origin !== 'callback') void intrinsics.Promise.reject(error);
  }

  readArrived(): void {
    this.link.readArrived();
  }

  /** Only the owner can break into a thread. */
  interrupt(_call: unknown, tell: (breach: undefined) => void): void {
    tell(undefined);
  }

  /** Only the owner can end it. */
  stuck(): void {}

  onReady(): void {}

  onUnhandled(): void {}

  onSlow(): void {}

  onAnswer(): void {}

  onStopRequest(): void {}

  onConnect(port: MessagePort): void {
    port.close();
  }

  onClosing(): void {
    if (this.#state === 'open') this.#state = 'closing';
  }

  onBye(): void {
    this.#bye = true;
    this.onClosing();
  }

  onExiting(code: number): void {
    this.#exitCode ??= code;
  }

  /** The port is closed; it closes behind everything that came by it. */
  #onGone(): void {
    if (this.#state === 'closed') return;
    this.#transport.closed();
    this.link.readArrived();
    this.#state = 'closed';
    this.link.end(false);
    if (!this.#bye) this.#failure = this.#crash();
    this.timeouts.clear();
    this.link.gone((call) => lostCallError(this.name, call, this.#failure, undefined));
  }

  #crash(): LoopCrashedError {
    const code = this.#exitCode;
    const how = code === undefined ? 'was terminated or ran out of memory' : `ended with exit code ${code}`;
    return new LoopCrashedError(`the thread of loop '${this.name}' ${how}`, code ?? -1);
  }
}
