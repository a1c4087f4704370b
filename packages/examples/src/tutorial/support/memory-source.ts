import { CancelledError, Queue, QueueShutDownError } from 'offloop';

import type { Source } from './source.ts';

/** A source in this process, with the end where messages go in. */
export class MemorySource implements Source {
  readonly #queue = new Queue<number>();

  push(...messages: readonly number[]): void {
    for (const each of messages) this.#queue.putNowait(each);
  }

  /** No more will come; what is there can still be taken. */
  end(): void {
    this.#queue.shutdown();
  }

  async next(signal?: AbortSignal): Promise<number | undefined> {
    const message = this.#queue.get();
    // A `get` that is cancelled takes no message, so none is lost with it.
    const giveUp = (): void => void message.cancel();
    if (signal?.aborted === true) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
    try {
      return await message;
    } catch (error) {
      if (error instanceof QueueShutDownError || (error instanceof CancelledError && signal?.aborted === true))
        return undefined;
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }
}
