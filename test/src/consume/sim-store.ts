import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import type { Message, MessageSink, MessageStore, Stored } from 'offloop-internal/consume/message-store.js';
import type { DeadReason } from 'offloop-internal/consume/source.js';

/** What a message really is, whatever its consumers believe. */
interface Truth {
  readonly id: string;
  state: 'waiting' | 'delayed' | 'held' | 'done' | 'dead';
  attempt: number;
  /** The delivery that holds it. */
  holder: SimMessage | undefined;
}

export interface SimMessage extends Message<string> {
  readonly of: SimStore;
  hasArrived: boolean;
  /** The intake has asked for a step. */
  wasAskedFor: boolean;
  /** Its intake was told that it is lost. */
  toldLost: boolean;
}

interface PendingStep {
  readonly act: () => boolean;
  readonly resolve: (stored: boolean) => void;
  readonly reject: (error: Error) => void;
}

export type Answer = 'well' | 'fails before' | 'fails after';

/** A server with messages, and the connections of its consumers: slow, forgetful, and told by the test when to do what. */
export class SimServer {
  readonly clock = new FakeClock();
  readonly truths = new Map<string, Truth>();
  readonly stores: SimStore[] = [];
  /** What may never be. */
  readonly violations: string[] = [];

  put(id: string): void {
    this.truths.set(id, { id, state: 'waiting', attempt: 0, holder: undefined });
    this.dispatch();
  }

  open(sink: MessageSink<SimMessage>, attempts: number): SimStore {
    const store = new SimStore(this, sink, attempts);
    this.stores.push(store);
    return store;
  }

  dispatch(): void {
    for (const truth of this.truths.values()) {
      if (truth.state !== 'waiting') continue;
      const store = this.stores.find(({ wanted }) => wanted > 0);
      if (store === undefined) return;
      store.send(truth);
    }
  }

  /** The lease of a held message is over: another may take it. */
  expire(index: number): void {
    const held = [...this.truths.values()].filter(({ state }) => state === 'held');
    const truth = held[index % Math.max(1, held.length)];
    if (truth === undefined) return;
    truth.state = 'waiting';
    truth.holder = undefined;
    this.dispatch();
  }

  /** A consumer learns of what it has lost. */
  tellLost(index: number): void {
    const lost = this.stores.flatMap((store) => [...store.known].filter((each) => !store.holds(each)));
    const message = lost[index % Math.max(1, lost.length)];
    if (message === undefined) return;
    message.toldLost = true;
    message.of.known.delete(message);
    message.of.sink.lose(message, 'it expired');
  }

  unsettled(): Truth[] {
    return [...this.truths.values()].filter(({ state }) => state !== 'done' && state !== 'dead');
  }
}

/** The connection of one intake. */
export class SimStore implements MessageStore<SimMessage> {
  readonly attempts: number;
  readonly server: SimServer;
  readonly sink: MessageSink<SimMessage>;
  /** Deliveries that the intake has heard of and not settled. */
  readonly known = new Set<SimMessage>();
  readonly pending: PendingStep[] = [];
  readonly #onTheWay: SimMessage[] = [];
  #wanted = 0;
  #quiet: (() => void)[] = [];
  #stoppedAt = Infinity;
  isClosed = false;

  constructor(server: SimServer, sink: MessageSink<SimMessage>, attempts: number) {
    this.server = server;
    this.sink = sink;
    this.attempts = attempts;
  }

  readonly backoff = (attempt: number): number => attempt * 100;

  get wanted(): number {
    return this.#wanted;
  }

  holds(message: SimMessage): boolean {
    return this.server.truths.get(message.id)?.holder === message;
  }

  /** A message leaves the server for this intake. */
  send(truth: Truth): void {
    this.#wanted--;
    truth.state = 'held';
    truth.attempt++;
    const { id, attempt } = truth;
    const told = { hasArrived: false, wasAskedFor: false, toldLost: false };
    const message = { id, name: 'sim', data: id, attempt, of: this, ...told };
    truth.holder = message;
    this.#onTheWay.push(message);
  }

  /** The next message on its way arrives. */
  arrive(): void {
    const message = this.#onTheWay.shift();
    if (message !== undefined) {
      message.hasArrived = true;
      this.known.add(message);
      this.sink.deliver(message);
    }
    if (this.#onTheWay.length === 0) for (const tell of this.#quiet.splice(0)) tell();
  }

  answer(index: number, how: Answer): void {
    const [step] = this.pending.splice(index % Math.max(1, this.pending.length), 1);
    if (step === undefined) return;
    const stored = how === 'fails before' ? false : step.act();
    if (how === 'well') step.resolve(stored);
    else step.reject(new Error('the connection was cut'));
  }

  want(count: number): void {
    if (count > 0) this.#stoppedAt = Infinity;
    else if (this.#stoppedAt === Infinity) this.#stoppedAt = this.server.clock.now();
    // What is on its way was wanted, too, and the intake does not know of it.
    this.#wanted = Math.max(0, count - this.#onTheWay.length);
    this.server.dispatch();
  }

  quiet(): Promise<void> {
    if (this.#onTheWay.length === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#quiet.push(resolve));
  }

  acknowledge(message: SimMessage): Stored {
    return this.#step(message, (truth) => (truth.state = 'done'));
  }

  retry(message: SimMessage, delayMs: number): Stored {
    if (message.attempt >= this.attempts)
      this.server.violations.push(`${message.id} is tried again after attempt ${message.attempt}`);
    return this.#step(message, (truth) => {
      truth.state = 'delayed';
      this.server.clock.setTimer(delayMs, () => {
        truth.state = 'waiting';
        this.server.dispatch();
      });
    });
  }

  bury(message: SimMessage, _reason: DeadReason): Stored {
    return this.#step(message, (truth) => (truth.state = 'dead'));
  }

  giveBack(message: SimMessage): Stored {
    return this.#step(message, (truth) => {
      truth.attempt--;
      truth.state = 'waiting';
      this.server.dispatch();
    });
  }

  extend(message: SimMessage): Stored {
    return this.holds(message);
  }

  close(): Promise<void> {
    if (this.#onTheWay.length > 0 && this.server.clock.now() < this.#stoppedAt + 2000)
      this.server.violations.push('the connection is given up although a message is on its way');
    this.isClosed = true;
    this.#wanted = 0;
    return Promise.resolve();
  }

  health(): { state: 'up' } {
    return { state: 'up' };
  }

  #step(message: SimMessage, change: (truth: Truth) => void): Promise<boolean> {
    if (message.toldLost) this.server.violations.push(`a step for ${message.id}, which is known to be lost`);
    message.wasAskedFor = true;
    return new Promise((resolve, reject) => {
      const act = (): boolean => {
        this.known.delete(message);
        const truth = this.server.truths.get(message.id);
        if (truth === undefined || truth.holder !== message) return false;
        truth.holder = undefined;
        change(truth);
        return true;
      };
      this.pending.push({ act, resolve, reject });
    });
  }
}
