import type { MessagePort } from 'node:worker_threads';

import { CancelledError, LoopClosedError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { BatchInbox } from '../link/batch-inbox.ts';
import { BatchWriter } from '../link/batch.ts';
import type { FrameHandler } from '../link/lane.ts';
import { addLane, removeLane } from '../link/open-lanes.ts';
import type { OwnLoop } from '../link/own-loop.ts';
import { RecordLane } from '../link/record-lane.ts';
import { Signal } from '../link/signal.ts';
import { threadTable } from '../link/thread-table.ts';
import { PortTransport } from '../link/transport.ts';
import { Op, type CallerFrame, type GuestFrame } from '../wire/frames.ts';
import { StateWords } from '../wire/state-words.ts';
import type { GuestSurroundings } from './guest-surroundings.ts';
import { GuestLink } from './guest-link.ts';

/** What the links of visitors have in common. */
export interface VisitorSurroundings extends Omit<
  GuestSurroundings,
  'onFlush' | 'onClose' | 'onFrame' | 'guard' | 'slowCallbackMs' | 'times'
> {
  /** The synchronous part of a visitor's job has the thread, or no longer. */
  onOccupied(isOccupied: boolean): void;
}

/** No other thread than the owner's can break into this one. */
const noGuard = { enter(): void {}, leave(): void {}, onBreak(): void {} };

/*
 *   waiting ── the setup is done ──► open ── the loop closes ──► closing ── all settled ──► (the thread ends)
 *      a visitor:  served ── its port closes: its thread has ended ──► left: its futures are cancelled, its callbacks still run
 */
/** The other threads that this loop serves beside its owner, each on a port of its own. On the main thread there are only such. */
export class Visitors implements OwnLoop {
  readonly name: string;
  readonly #around: VisitorSurroundings;
  readonly #all = new Set<Visitor>();
  #state: 'waiting' | 'open' | 'closing' = 'waiting';

  constructor(name: string, around: VisitorSurroundings) {
    this.name = name;
    this.#around = around;
  }

  /** Nothing of any visitor runs or is ready to. */
  get idle(): boolean {
    for (const { link } of this.#all) if (!link.idle) return false;
    return true;
  }

  /** See `GuestLink.goesOn`. */
  get goesOn(): boolean {
    for (const { link } of this.#all) if (link.goesOn) return true;
    return false;
  }

  /** See `GuestLink.isSettled`. */
  get isSettled(): boolean {
    for (const { link } of this.#all) if (!link.isSettled) return false;
    return true;
  }

  get size(): number {
    return this.#all.size;
  }

  serve(port: MessagePort): void {
    const visitor: Visitor = new Visitor(this, port, {
      ...this.#around,
      onIdle: () => {
        if (visitor.hasLeft) this.#all.delete(visitor);
        this.#around.onIdle();
      },
    });
    this.#all.add(visitor);
    port.once('close', () => {
      visitor.leave();
      if (visitor.link.idle) this.#all.delete(visitor);
    });
    if (this.#state !== 'waiting') visitor.link.open();
    if (this.#state === 'closing') visitor.close();
  }

  /** The setup is done. */
  open(): void {
    this.#state = 'open';
    for (const { link } of this.#all) link.open();
  }

  /** Take no more calls; with `cancel`, those that are ready do not begin either. */
  close(mode: 'drain' | 'cancel'): void {
    this.#state = 'closing';
    for (const visitor of this.#all) {
      visitor.close();
      visitor.link.dropWaiting(mode === 'cancel');
    }
  }

  /** All is done, and the thread ends as it was asked to. */
  bye(): void {
    for (const { link } of this.#all) {
      link.lane.send([Op.Bye, undefined]);
      link.lane.flush();
    }
  }

  /** The thread ends, by itself or as it was asked to. */
  exiting(code: number): void {
    for (const { link } of this.#all) link.lane.sendAside([Op.Exiting, code]);
  }
}

/** One of them. */
class Visitor implements FrameHandler<CallerFrame> {
  readonly link: GuestLink;
  hasLeft = false;
  readonly #visitors: Visitors;
  readonly #port: PortTransport;
  #isClosing = false;

  constructor(visitors: Visitors, port: MessagePort, around: VisitorSurroundings) {
    this.#visitors = visitors;
    this.#port = new PortTransport(port, new BatchInbox(this));
    port.unref();
    const lane = new RecordLane<GuestFrame>(new BatchWriter(this.#port), this.#port, intrinsics.soon);
    addLane(lane);
    this.link = new GuestLink(
      () => lane,
      {
        ...around,
        modules: around.modules.forAnotherLink(),
        guard: noGuard,
        slowCallbackMs: Infinity,
        onFlush() {},
        onClose() {},
        onFrame: (frame) => this.#onOther(frame),
      },
      new VisitorWords(around),
    );
  }

  close(): void {
    this.#isClosing = true;
    this.link.lane.sendAside([Op.Closing]);
  }

  leave(): void {
    this.hasLeft = true;
    removeLane(this.link.lane);
    this.link.abandon(new CancelledError('the thread that has asked for this has ended'));
  }

  onCall(...call: Parameters<GuestLink['onCall']>): boolean {
    if (!this.#isClosing) return this.link.onCall(...call);
    const { name } = this.#visitors;
    this.link.refuse(call[0], call[1], () => new LoopClosedError(`loop '${name}' is closing and takes no more work`));
    return true;
  }

  onValue(): boolean {
    return false;
  }

  onFrame(frame: CallerFrame): boolean {
    // Not a visitor's business.
    if (frame[0] === Op.Close || frame[0] === Op.Flush) return false;
    return this.link.onFrame(frame);
  }

  onLost(slot: number, id: number): void {
    this.link.onLost(slot, id);
  }

  onMessageEnd(): void {
    this.link.onMessageEnd();
  }

  #onOther(frame: CallerFrame): boolean {
    if (frame[0] === Op.Connect) this.#visitors.serve(frame[1]);
    else if (frame[0] === Op.Hello) this.#port.signal = new Signal(threadTable(), frame[1]);
    else return false;
    return true;
  }
}

/** They also tell the owner's that the thread is taken. */
class VisitorWords extends StateWords {
  readonly #around: VisitorSurroundings;

  constructor(around: VisitorSurroundings) {
    super();
    this.#around = around;
  }

  override enter(id: number): void {
    super.enter(id);
    this.#around.onOccupied(id !== 0);
  }
}
