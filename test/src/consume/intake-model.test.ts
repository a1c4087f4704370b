import fc from 'fast-check';
import { expect, test } from 'vitest';

import { attempts, check, SimConsumer } from './intake-model.ts';
import { SimServer, type Answer } from './sim-store.ts';

// Every interleaving of messages on their way, handlers that settle, answers that are late, lost or refused, leases that run
// out, and consumers that pause, drain and close: thousands of random ones, without threads and without time.

type Event = readonly [kind: string, consumer: number, index: number, how: number];

const outcomes = ['resolved', 'resolved', 'rejected', 'dropped'] as const;
const answers: readonly Answer[] = ['well', 'well', 'fails before', 'fails after'];
const kinds = ['put', 'arrive', 'arrive', 'settle', 'settle', 'answer', 'answer', 'answer', 'time', 'expire', 'told'];
const lifeKinds = ['pause', 'resume', 'drain', 'close', 'open'];

const events = fc.array(
  fc.tuple(
    fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...kinds) }, fc.constantFrom(...lifeKinds)),
    fc.nat(2),
    fc.nat(7),
    fc.nat(3),
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
);

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

class Run {
  readonly server = new SimServer();
  readonly consumers: SimConsumer[] = [];
  #messages = 0;

  open(): void {
    if (this.consumers.filter(({ closed }) => !closed).length >= 3) return;
    this.consumers.push(new SimConsumer(this.server, 1 + (this.consumers.length % 3)));
  }

  async step([kind, which, index, how]: Event): Promise<void> {
    const consumer = this.consumers[which % Math.max(1, this.consumers.length)];
    if (kind === 'put') this.server.put(`m${this.#messages++}`);
    else if (kind === 'time') this.server.clock.advance(index * 40);
    else if (kind === 'expire') this.server.expire(index);
    else if (kind === 'told') this.server.tellLost(index);
    else if (kind === 'open') this.open();
    else if (consumer !== undefined) this.#step(kind, consumer, index, how);
    await turn();
    check(this.server, this.consumers);
  }

  #step(kind: string, consumer: SimConsumer, index: number, how: number): void {
    const { intake, store } = consumer;
    if (kind === 'arrive') store.arrive();
    else if (kind === 'settle') consumer.settle(index, outcomes[how] as 'resolved');
    else if (kind === 'answer') store.answer(index, answers[how] as Answer);
    else if (kind === 'drain') void intake.drain();
    else if (kind === 'pause') void consumer.pause();
    else if (kind === 'resume') {
      consumer.resumes++;
      consumer.paused = false;
      intake.resume();
    } else if (kind === 'close') {
      consumer.closed = true;
      void intake.close();
    }
  }

  /** Everything that still can ends, and everybody is told of what is lost. */
  async finish(): Promise<void> {
    for (const consumer of this.consumers) {
      consumer.closed = true;
      void consumer.intake.close();
    }
    this.consumers.push(new SimConsumer(this.server, 2));
    for (let round = 0; round < 400; round++) {
      await turn();
      for (const consumer of this.consumers) {
        consumer.store.arrive();
        consumer.store.answer(0, 'well');
        consumer.settle(0, 'resolved');
      }
      await turn();
      this.server.clock.advance(50);
      // What nobody is going to settle any more is free when its lease is over.
      for (const truth of this.server.truths.values()) {
        if (truth.state !== 'held' || truth.holder?.of.isClosed !== true) continue;
        if (truth.holder.hasArrived && !truth.holder.wasAskedFor)
          this.server.violations.push(`${truth.id} was not given back`);
        truth.state = 'waiting';
      }
      this.server.dispatch();
      this.server.tellLost(0);
      if (this.server.unsettled().length === 0) break;
    }
    void this.consumers.at(-1)?.intake.close();
    // Whoever is still owed an answer does not wait for it for ever.
    for (let second = 0; second < 5; second++) {
      await turn();
      this.server.clock.advance(1000);
    }
    await turn();
  }
}

test(
  'no interleaving loses a message, takes one too many, or acts on one that it has lost',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(events, async (list) => {
        const run = new Run();
        run.open();
        for (const event of list) await run.step(event);
        await run.finish();
        const { server, consumers } = run;
        expect(server.violations).toEqual([]);
        // Nothing is lost and nothing is stuck.
        expect(server.unsettled()).toEqual([]);
        for (const { id, state } of server.truths.values()) {
          const works = consumers.flatMap((each) => each.works.filter(({ delivery }) => delivery.id === id));
          const told = consumers.flatMap(({ letters }) => letters.filter((letter) => letter.id === id));
          // Acknowledged means that a handler has resolved.
          if (state === 'done') expect(works.some(({ outcome }) => outcome === 'resolved')).toBe(true);
          expect(told.length).toBeLessThanOrEqual(state === 'dead' ? 1 : 0);
          if (told[0]?.reason === 'dropped') expect(works.some(({ outcome }) => outcome === 'dropped')).toBe(true);
          if (told[0]?.reason === 'attempts')
            expect(works.some(({ outcome, delivery }) => outcome === 'rejected' && delivery.attempt === attempts)).toBe(
              true,
            );
        }
        // Whoever is closed has ended and waits for nothing.
        expect(consumers.every(({ ended }) => ended)).toBe(true);
      }),
      { numRuns: Number(process.env['RUNS'] ?? 5000) },
    );
  },
);
