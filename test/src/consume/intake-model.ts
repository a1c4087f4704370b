import { openIntake } from 'offloop-internal/consume/intake.js';
import type { DeadLetter, Delivery, Intake } from 'offloop-internal/consume/source.js';
import { Drop } from 'offloop-internal/base/message-errors.js';

import { type SimMessage, SimServer, type SimStore } from './sim-store.ts';

export const attempts = 3;

/** A handler at work. */
interface Work {
  readonly delivery: Delivery<string>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  outcome: 'resolved' | 'rejected' | 'dropped' | undefined;
}

/** One intake of the server, with its handlers, and what it has told. */
export class SimConsumer {
  readonly server: SimServer;
  readonly concurrency: number;
  readonly intake: Intake;
  readonly works: Work[] = [];
  readonly letters: DeadLetter<string>[] = [];
  store!: SimStore;
  paused = false;
  resumes = 0;
  closed = false;
  ended = false;

  constructor(server: SimServer, concurrency: number) {
    this.server = server;
    this.concurrency = concurrency;
    this.intake = openIntake<SimMessage>(
      (sink) => (this.store = server.open(sink, attempts)),
      (delivery) => this.#handle(delivery as Delivery<string>),
      {
        concurrency,
        onError: () => {},
        onDead: (letter) => void this.letters.push(letter as DeadLetter<string>),
      },
      server.clock,
    );
    void this.intake.ended.then(() => (this.ended = true));
  }

  get unfinished(): Work[] {
    return this.works.filter(({ outcome }) => outcome === undefined);
  }

  async pause(): Promise<void> {
    const { resumes } = this;
    await this.intake.pause();
    // It may have been resumed before it was paused.
    if (resumes === this.resumes) this.paused = true;
  }

  settle(index: number, outcome: 'resolved' | 'rejected' | 'dropped'): void {
    const works = this.unfinished;
    const work = works[index % Math.max(1, works.length)];
    if (work === undefined) return;
    work.outcome = outcome;
    if (outcome === 'resolved') work.resolve(work.delivery.id);
    else work.reject(outcome === 'dropped' ? new Drop('no') : new Error('failed'));
  }

  #handle(delivery: Delivery<string>): Promise<unknown> {
    const { violations } = this.server;
    if (this.closed) violations.push(`${delivery.id} was delivered after close`);
    if (this.paused) violations.push(`${delivery.id} was delivered while paused`);
    if (delivery.attempt > attempts) violations.push(`${delivery.id} had attempt ${delivery.attempt}`);
    return new Promise((resolve, reject) => {
      this.works.push({ delivery, resolve, reject, outcome: undefined });
    });
  }
}

/** What must hold at every moment. */
export function check(server: SimServer, consumers: readonly SimConsumer[]): void {
  for (const consumer of consumers) {
    if (consumer.closed) continue;
    const held = [...server.truths.values()].filter((truth) => truth.holder?.of === consumer.store);
    // A handler that has lost its message counts, too.
    const slots = new Set([
      ...held.map(({ holder }) => holder as object),
      ...consumer.unfinished.map(({ delivery }) => (delivery as unknown as { message: object }).message),
    ]);
    if (slots.size > consumer.concurrency)
      server.violations.push(`${slots.size} messages taken or at work, with ${consumer.concurrency} slots`);
  }
  for (const truth of server.truths.values()) {
    const live = consumers.flatMap(({ unfinished }) =>
      unfinished.filter(({ delivery }) => delivery.id === truth.id && !delivery.signal.aborted),
    );
    const valid = live.filter(({ delivery }) => (delivery as unknown as { message: object }).message === truth.holder);
    if (valid.length > 1) server.violations.push(`${truth.id} has ${valid.length} live handlers`);
  }
}
