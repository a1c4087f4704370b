import { CancelledError, Future, unpackError, type CoroutineCall, type PackedError } from '../index.ts';
import { peerJob, PeerState, stateAt, step, type PeerCall, type PeerOutcome } from '../wire/peer-call.ts';
import { peerError } from './peer-errors.ts';
import type { PeerPool } from './peer-pool.ts';

/** The file that the pool's threads load. It lies beside this one in the bundle. */
const filename = new URL('./peer.js', import.meta.url).href;

/** The caller's side of one job in a thread of another library's pool. */
export class PeerRun<T> extends Future<T> {
  readonly #pool: PeerPool;
  readonly #name: string;
  readonly #graceMs: number;
  readonly #words: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(8));
  readonly #killer: AbortController | undefined;
  #killTimer: NodeJS.Timeout | undefined;
  #cancelReason: { readonly reason: unknown } | undefined;
  #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => void this.cancel(this.#signal?.reason);

  constructor(pool: PeerPool, call: CoroutineCall, graceMs: number, signal: AbortSignal | undefined) {
    super();
    this.#pool = pool;
    this.#name = call.name;
    this.#graceMs = graceMs;
    if (signal?.aborted === true) {
      this.settleCancelled(CancelledError.from(signal.reason));
      return;
    }
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#killer = pool.isExclusive && graceMs !== Infinity ? new AbortController() : undefined;
    this.#submit(call);
  }

  protected override liveState(): 'pending' | 'running' | 'cancelling' {
    if (Atomics.load(this.#words, stateAt) === PeerState.queued) return 'pending';
    return this.#cancelReason === undefined ? 'running' : 'cancelling';
  }

  protected override describe(): string[] {
    return [`job=<${this.#name}()>`, `on='${this.#pool.kind}'`];
  }

  protected override requestCancel(reason: unknown): boolean {
    if (step(this.#words, PeerState.queued, PeerState.cancelled)) return this.settleCancelled(this.#cancelled(reason));
    if (step(this.#words, PeerState.running, PeerState.cancelling)) {
      this.#cancelReason = { reason };
      Atomics.notify(this.#words, stateAt);
      if (this.#killer !== undefined) {
        this.#killTimer = setTimeout(() => this.#kill(), this.#graceMs);
        this.#killTimer.unref();
      }
      return true;
    }
    return Atomics.load(this.#words, stateAt) === PeerState.cancelling;
  }

  protected override onSettled(): void {
    clearTimeout(this.#killTimer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#pool.threadsMayHaveChanged();
  }

  #submit({ url, name, args, transfer, carried }: CoroutineCall): void {
    const call: PeerCall = { url, name, args, carried, words: this.#words };
    const task = { filename, name: peerJob, transferList: transfer, signal: this.#killer?.signal };
    this.#pool.run(call, task).then(
      (outcome) => this.#onOutcome(outcome as PeerOutcome<PackedError>),
      (error: unknown) => this.#onRejected(error),
    );
    this.#pool.threadsMayHaveChanged();
  }

  #onOutcome(outcome: PeerOutcome<PackedError>): void {
    if (outcome.state === 'done') {
      this.settleDone(outcome.value as T);
      return;
    }
    const error = unpackError(outcome.error, `job ${this.#name} on ${this.#pool.kind}`);
    if (outcome.state === 'failed') this.settleFailed(error);
    else if (this.#cancelReason === undefined && error instanceof CancelledError) this.settleCancelled(error);
    else this.settleCancelled(this.#cancelled(this.#cancelReason?.reason));
  }

  #onRejected(thrown: unknown): void {
    const error = peerError(this.#pool.kind, this.#name, thrown);
    if (error instanceof CancelledError) this.settleCancelled(error);
    else this.settleFailed(error);
  }

  /** The job has not ended in time: end its thread. What the pool rejects with comes too late to count. */
  #kill(): void {
    this.settleCancelled(this.#cancelled(this.#cancelReason?.reason));
    this.#killer?.abort();
    this.#pool.threadsMayHaveChanged();
  }

  #cancelled(reason: unknown): CancelledError {
    return CancelledError.from(reason, `job ${this.#name} was cancelled`);
  }
}
