import type { Transferable } from 'node:worker_threads';

import type { Clock } from '../base/clock.ts';
import type { TickEnd } from './tick-end.ts';
import type { Transport } from './transport.ts';

/** A second bell this soon after the first, in milliseconds, can wait until the tick is over. */
const soonMs = 0.1;

export interface DoorbellSurroundings {
  readonly clock: Clock;
  /** Call a function when what runs now, and all microtasks, are over. */
  readonly nextTick: (fn: () => void) => void;
  readonly tickEnd: Pick<TickEnd, 'isGathering'>;
}

/*
 *   silent ── ring ──► rings: rung
 *   rung ── ring, within `soonMs` ──► owing                rung ── ring, later ──► rings: rung
 *   silent, rung ── ring, while calls gather ──► owing
 *   owing ── the tick is over, or this thread is going to block ──► rings
 *   the tick is over ──► silent
 */

/**
 * The transport of a lane whose bells are dear: to wake a thread costs who rings more than ten calls (on two busy cores 25 µs).
 * A thread that gets one tiny job after another from one callback here, one for each answer of a database, say, would
 * fall asleep and be woken for each. The first bell of a tick is rung at once; the next, when it comes soon after, at the tick's end.
 */
export class Doorbell implements Transport {
  readonly #transport: Transport;
  readonly #around: DoorbellSurroundings;
  #inTick = false;
  #owing = false;
  #rungAt = 0;

  constructor(transport: Transport, around: DoorbellSurroundings) {
    this.#transport = transport;
    this.#around = around;
  }

  bell(): void {
    const { clock, nextTick, tickEnd } = this.#around;
    const now = clock.now();
    const isSoon = this.#inTick && now - this.#rungAt < soonMs;
    this.#owing = isSoon || tickEnd.isGathering;
    if (!this.#owing) {
      this.#rungAt = now;
      this.#transport.bell();
    }
    if (this.#inTick) return;
    this.#inTick = true;
    nextTick(this.#endTick);
  }

  /** Ring now what is owed. */
  settle(): void {
    if (!this.#owing) return;
    this.#owing = false;
    this.#transport.bell();
  }

  post(message: string | readonly unknown[], transfer?: readonly Transferable[]): void {
    this.#transport.post(message, transfer);
  }

  drain(): void {
    this.#transport.drain();
  }

  readonly #endTick = (): void => {
    this.#inTick = false;
    this.settle();
  };
}
