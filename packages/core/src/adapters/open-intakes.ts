import {
  InvalidStateError,
  openIntake,
  type Delivery,
  type Handler,
  type Intake,
  type IntakeOptions,
  type Message,
  type MessageSink,
  type MessageStore,
} from '../index.ts';

/** The store of an intake that ends with its queue. */
export interface EvictableStore<M extends Message<unknown>> extends MessageStore<M> {
  /** Resolves when it has let go of everything. Never rejects. */
  readonly left: Promise<void>;
  /** The queue is closed under it: fail the intake, and resolve when it has left. Never rejects. */
  evict(): Promise<void>;
}

/*
 *   open ── close ──► closing: no intake comes any more, those that are there leave ──► closed: the queue has let go, too
 */

/** The intakes of one queue object, which a user may close under them. */
export class OpenIntakes<M extends Message<unknown>> {
  readonly #name: string;
  readonly #stores = new Set<EvictableStore<M>>();
  #closing: Promise<void> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** Throws InvalidStateError from the call of `close` on. */
  mustBeOpen(): void {
    if (this.#closing !== undefined) throw new InvalidStateError(`${this.#name} is closed`);
  }

  open(
    make: (sink: MessageSink<M>) => EvictableStore<M>,
    handler: Handler<Delivery<M['data']>>,
    options: IntakeOptions<M['data']>,
  ): Intake {
    this.mustBeOpen();
    return openIntake<M>(
      (sink) => {
        const store = make(sink);
        this.#stores.add(store);
        void store.left.then(() => this.#stores.delete(store));
        return store;
      },
      handler,
      options,
    );
  }

  /** `letGo` is called once, when all intakes have left; what it rejects with, `close` does. */
  close(letGo: () => Promise<void> | void): Promise<void> {
    this.#closing ??= this.#close(letGo);
    return this.#closing;
  }

  async #close(letGo: () => Promise<void> | void): Promise<void> {
    await Promise.all([...this.#stores].map((store) => store.evict()));
    await letGo();
  }
}
