import { Histogram } from '../base/histogram.ts';

/** The heap of a thread, in bytes. */
export interface HeapUse {
  /** Taken by objects, those too that nobody needs any more and that no collection has found yet. */
  readonly used: number;
  readonly total: number;
}

/** What the memory of `Gauges` is made of. */
export interface GaugeBuffers {
  readonly waiting: ArrayBufferLike;
  readonly running: ArrayBufferLike;
  readonly heap: SharedArrayBuffer;
}

/** What a loop's thread tells of itself in shared memory, so that its owner reads it without a message, also while it is blocked. */
export class Gauges {
  /** From the submission of a call to its begin, and from there to its end; of the calls that are sampled. */
  readonly waiting: Histogram;
  readonly running: Histogram;
  readonly #heap: Float64Array<SharedArrayBuffer>;

  /** `buffers` from the other side, or new ones. */
  constructor(buffers?: GaugeBuffers) {
    this.waiting = buffers === undefined ? Histogram.shared() : new Histogram(buffers.waiting);
    this.running = buffers === undefined ? Histogram.shared() : new Histogram(buffers.running);
    this.#heap = new Float64Array(buffers?.heap ?? new SharedArrayBuffer(16));
  }

  /** To be sent to the thread. */
  get buffers(): GaugeBuffers {
    return { waiting: this.waiting.buffer, running: this.running.buffer, heap: this.#heap.buffer };
  }

  /** Bytes that the heap had in use when the thread last told; 0 before. */
  get heapUsed(): number {
    return this.#heap[0] ?? 0;
  }

  get heap(): HeapUse {
    const [used = 0, total = 0] = this.#heap;
    return Object.freeze({ used, total });
  }

  /** Guest: how the heap is now. */
  setHeap(used: number, total: number): void {
    this.#heap[0] = used;
    this.#heap[1] = total;
  }
}
