import type { MessagePort, Transferable } from 'node:worker_threads';

import { Op, type Frame, type ItemOp } from '../wire/frames.ts';
import { pack } from '../wire/values.ts';
import { callFrame, packArguments, refusedArguments, type CallRequest } from './call-request.ts';
import type { Lane } from './lane.ts';
import type { Transport } from './transport.ts';
import { Introductions } from './travelling-handles.ts';

/** A batch is sent when it has this many elements, so that the other side can start while this one still fills the next. */
const maxBatch = 1024;

/**
 * A lane over a MessagePort alone. The first frame of a turn leaves at once, the rest of the turn in one message: who sends
 * one thing waits for nothing, and who sends a thousand pays for one message.
 */
export class PortLane<F extends Frame> implements Lane<F> {
  readonly #transport: Transport;
  readonly #defer: (fn: () => void) => void;
  readonly #introductions = new Introductions();
  #batch: unknown[] = [];
  /** Something has left in this turn and the end of the turn will flush. */
  #turnOpen = false;
  readonly #endTurn = (): void => {
    this.#turnOpen = false;
    this.flush();
  };

  /** `defer` calls a function at the end of the turn (a microtask). */
  constructor(transport: Transport, defer: (fn: () => void) => void) {
    this.#transport = transport;
    this.#defer = defer;
  }

  call(slot: number, id: number, request: CallRequest): void {
    const { job, kind, name, dueAt } = request;
    const packed = packArguments(request);
    const { values, alone, transfer, carried } = packed;
    if (!alone) {
      if (carried === undefined) this.#batch.push(Op.Call, slot, id, job.index, kind, values, name, dueAt);
      else this.#batch.push(...callFrame(slot, id, request, packed));
      this.#pushed();
      return;
    }
    try {
      this.#alone(callFrame(slot, id, request, packed), slot, id, transfer);
    } catch (error) {
      throw refusedArguments(request, values, error, transfer);
    }
  }

  value(op: ItemOp, slot: number, id: number, value: unknown): void {
    const { values, alone, transfer } = pack([value]);
    if (alone) {
      this.#alone([op, slot, id, values[0]], slot, id, transfer);
      return;
    }
    this.#batch.push(op, slot, id, values[0]);
    this.#pushed();
  }

  send(frame: F): void {
    for (const element of frame) this.#batch.push(element);
    this.#pushed();
  }

  flush(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#transport.post(batch);
  }

  introduce(port: MessagePort): void {
    this.#transport.post([Op.Connect, port], [port]);
  }

  #pushed(): void {
    if (!this.#turnOpen) {
      this.#openTurn();
      this.flush();
    } else if (this.#batch.length >= maxBatch) this.flush();
  }

  /** Values that structured clone has to copy or move travel in a message of their own: it may refuse them, or lose them. */
  #alone(frame: readonly unknown[], slot: number, id: number, transfer: readonly Transferable[]): void {
    this.flush();
    this.#introductions.post(this.#transport, frame, transfer);
    this.#batch.push(Op.LoneSent, slot, id);
    if (!this.#turnOpen) this.#openTurn();
  }

  #openTurn(): void {
    this.#turnOpen = true;
    this.#defer(this.#endTurn);
  }
}
