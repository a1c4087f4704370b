import { Connection } from './connection.ts';
import type { Settings } from './options.ts';
import { Pause } from './pause.ts';

/** Seconds after which a blocked command ends by itself, and a new one begins: a connection that is dead without a word is noticed. */
const blockSeconds = 5;
const firstRetryMs = 50;

export interface WaiterHost {
  /** There may be a message. */
  look(): void;
  trouble(error: Error): void;
  /** Most milliseconds between two tries to connect. */
  readonly retryMs: number;
}

/** Waits for the list to have a message, on a connection of its own: one blocked command at a time. */
export class Waiter {
  readonly #connection: Connection;
  readonly #settings: Settings;
  readonly #host: WaiterHost;
  readonly #pause = new Pause();
  #isWaiting = false;
  #isClosed = false;

  constructor(settings: Settings, host: WaiterHost) {
    this.#connection = new Connection(settings);
    this.#settings = settings;
    this.#host = host;
  }

  /** Call `look()` when there may be a message; one call, however often this is asked before. */
  wait(): void {
    if (this.#isWaiting || this.#isClosed) return;
    this.#isWaiting = true;
    void this.#wait();
  }

  close(): void {
    this.#isClosed = true;
    this.#pause.end();
    this.#connection.close();
  }

  async #wait(): Promise<void> {
    for (let tries = 0; !this.#isClosed; tries++) {
      try {
        await this.#block();
        break;
      } catch (error) {
        if (this.#isClosed) return;
        // Told once, until it works again.
        if (tries === 0) this.#host.trouble(error as Error);
        await this.#pause.sleep(Math.min(firstRetryMs * 2 ** tries, this.#host.retryMs));
      }
    }
    this.#isWaiting = false;
    if (!this.#isClosed) this.#host.look();
  }

  /** From the head of the list to its head: a message that comes wakes us, and stays where it is, so that none is ever on its way. */
  #block(): Promise<unknown> {
    const { key } = this.#settings;
    // The types have a signature for each pair.
    const head = this.#settings.head as 'RIGHT';
    return this.#connection.call((blockSeconds + 5) * 1000, (client) =>
      client.blmove(key, key, head, head, blockSeconds),
    );
  }
}
