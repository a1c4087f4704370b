import type { BackoffFunction } from './backoff.ts';
import type { MemoryLine, Taker } from './memory-line.ts';
import type { Message, MessageSink, MessageStore } from './message-store.ts';
import type { DeadReason, SourceHealth } from './source.ts';

/** The store of one intake of a memory queue: always there, and always at once. */
export class MemoryStore<T> implements MessageStore<Message<T>>, Taker<T> {
  readonly attempts: number;
  readonly backoff: BackoffFunction;
  readonly #line: MemoryLine<T>;
  readonly #sink: MessageSink<Message<T>>;
  #wanted = 0;

  constructor(line: MemoryLine<T>, sink: MessageSink<Message<T>>, attempts: number, backoff: BackoffFunction) {
    this.#line = line;
    this.#sink = sink;
    this.attempts = attempts;
    this.backoff = backoff;
    line.enter(this);
  }

  get wanted(): number {
    return this.#wanted;
  }

  take(message: Message<T>): void {
    this.#wanted--;
    this.#sink.deliver(message);
  }

  want(count: number): void {
    this.#wanted = count;
    if (count > 0) this.#line.dispatch();
  }

  quiet(): Promise<void> {
    return Promise.resolve();
  }

  acknowledge(): boolean {
    this.#line.acknowledge();
    return true;
  }

  retry(message: Message<T>, delayMs: number): boolean {
    this.#line.retry(message, delayMs);
    return true;
  }

  bury(message: Message<T>, reason: DeadReason, error: unknown): boolean {
    this.#line.bury(message, reason, error);
    return true;
  }

  giveBack(message: Message<T>): boolean {
    this.#line.giveBack(message);
    return true;
  }

  extend(): boolean {
    return true;
  }

  close(): Promise<void> {
    this.#line.leave(this);
    return Promise.resolve();
  }

  health(): SourceHealth {
    return { state: 'up' };
  }
}
