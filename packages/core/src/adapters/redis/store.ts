import type { DeadReason, MessageSink, SourceHealth } from '../../index.ts';
import type { EvictableStore } from '../open-intakes.ts';
import { Condition } from './condition.ts';
import { RedisListError } from './errors.ts';
import { Member } from './member.ts';
import { makeMessage, type Pending, type RedisMessage, type Step, type Taken } from './message.ts';
import type { Policy, Settings } from './options.ts';
import { Pause } from './pause.ts';
import { Pulse } from './pulse.ts';
import { Waiter } from './waiter.ts';

/** Most messages taken, and most steps, in one turn. */
const mostATurn = 1000;
/** What the last words may take when it closes. */
const lastWordsMs = 1500;
const firstRetryMs = 50;

function nobody(): void {}

/** The store of one intake: does one thing after the other, as long as there is something to do; a second connection waits for messages. */
export class RedisStore<T> implements EvictableStore<RedisMessage<T>> {
  readonly attempts: number;
  readonly backoff: (attempt: number, error: unknown) => number;
  readonly #settings: Settings;
  readonly #policy: Policy<T>;
  readonly #sink: MessageSink<RedisMessage<T>>;
  readonly #member: Member;
  readonly #waiter: Waiter;
  readonly #pulse: Pulse = new Pulse(() => this.#rest.end());
  /** Until there is something to do. */
  readonly #rest = new Pause();
  /** Until Redis is tried again. */
  readonly #recovery = new Pause();
  readonly #retryMs: number;
  /** With the handlers, or about to be settled. */
  readonly #held = new Map<string, RedisMessage<T>>();
  /** Redis holds these for us, and the reply was lost. */
  readonly #found: Taken[] = [];
  readonly #pending: Pending[] = [];
  #wanted = 0;
  #isTaking = false;
  /** The list was empty at the last look. */
  #isDry = false;
  #isOnTheWay = false;
  #arriving: RedisMessage<T> | undefined;
  readonly #condition = new Condition();
  #isClosing = false;
  readonly #whenQuiet: (() => void)[] = [];
  readonly left: Promise<void>;

  constructor(settings: Settings, policy: Policy<T>, sink: MessageSink<RedisMessage<T>>) {
    this.#settings = settings;
    this.#policy = policy;
    this.#sink = sink;
    this.attempts = policy.attempts;
    this.backoff = policy.backoff;
    this.#member = new Member(settings, (error) => this.#failed(error));
    this.#retryMs = Math.min(1000, Math.max(firstRetryMs, this.#member.beatMs / 2));
    this.#waiter = new Waiter(settings, {
      look: () => {
        this.#isDry = false;
        this.#rest.end();
      },
      trouble: (error) => this.#failed(error),
      retryMs: this.#retryMs,
    });
    this.left = this.#live();
  }

  want(count: number): void {
    this.#wanted = count;
    if (count > 0) this.#isTaking = true;
    this.#rest.end();
  }

  async quiet(): Promise<void> {
    this.#isTaking = false;
    this.#rest.end();
    if (this.#isOnTheWay) await new Promise<void>((resolve) => this.#whenQuiet.push(resolve));
  }

  acknowledge(message: RedisMessage<T>): Promise<boolean> | boolean {
    return this.#settings.holds ? this.#settle(message, ['acknowledge']) : this.#held.delete(message.id);
  }

  retry(message: RedisMessage<T>, delayMs: number): Promise<boolean> | boolean {
    return this.#settle(message, ['retry', delayMs]);
  }

  bury(message: RedisMessage<T>, reason: DeadReason, error: unknown): Promise<boolean> | boolean {
    return this.#settle(message, ['bury', reason, error]);
  }

  giveBack(message: RedisMessage<T>): Promise<boolean> | boolean {
    // At most once: what a handler has begun with is not for another one.
    if (!this.#settings.holds && this.#arriving !== message) return this.#held.delete(message.id);
    return this.#settle(message, ['giveBack']);
  }

  extend(message: RedisMessage<T>): Promise<boolean> | boolean {
    return this.#settings.holds ? this.#settle(message, ['extend']) : this.#held.has(message.id);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#waiter.close();
    this.#pulse.stop();
    this.#rest.end();
    this.#recovery.end();
    const late = setTimeout(() => this.#member.close(), lastWordsMs);
    await this.left;
    clearTimeout(late);
  }

  async evict(): Promise<void> {
    this.#sink.fail(new RedisListError(`${this.#settings.name} was closed, and with it its intakes`));
    await this.left;
  }

  health(): SourceHealth {
    return this.#condition.health;
  }

  async #live(): Promise<void> {
    // Whoever made it has the whole of it before anything happens.
    await Promise.resolve();
    for (let failures = 0; !this.#isClosing;) {
      try {
        await (this.#pulse.isDue || !this.#member.isMember ? this.#beat() : this.#work());
        if (this.#condition.isUp) failures = 0;
      } catch (error) {
        this.#failed(error as Error);
        if (!this.#isClosing) await this.#recovery.sleep(Math.min(firstRetryMs * 2 ** failures++, this.#retryMs));
      }
    }
    await this.#member.leave();
    for (const { refuse } of this.#pending.splice(0))
      refuse(new RedisListError(`${this.#settings.name}: the intake is closed`));
  }

  async #work(): Promise<void> {
    this.#handOverFound();
    const hasRoom = this.#isTaking && this.#wanted > this.#found.length;
    if (this.#pending.length > 0 || (hasRoom && !this.#isDry)) {
      // What else this turn of the event loop brings goes with it.
      await new Promise((resolve) => void setImmediate(resolve));
      await this.#turn();
    } else {
      if (hasRoom) this.#waiter.wait();
      await this.#rest.sleep();
    }
  }

  async #turn(): Promise<void> {
    const asked = this.#pending.splice(0, mostATurn);
    const room = this.#roomAfter(asked);
    this.#isOnTheWay = room > 0;
    try {
      const turn = await this.#member.turn(asked, room);
      this.#condition.works();
      if (turn === undefined) return this.#loseAll(asked);
      for (const [index, pending] of asked.entries()) this.#answer(pending, turn.answers[index] === true);
      // The slots of what was settled are free a moment later.
      await Promise.resolve();
      for (const taken of turn.taken) this.#handOver(taken);
      if (room > 0) this.#isDry = turn.isDry;
    } catch (error) {
      this.#condition.failed(error as RedisListError);
      // Who holds nothing cannot tell whether it was done, and must not do it twice.
      if (this.#settings.holds) this.#pending.unshift(...asked);
      else for (const pending of asked) this.#answer(pending, true);
      throw error;
    } finally {
      this.#isOnTheWay = false;
      for (const tell of this.#whenQuiet.splice(0)) tell();
    }
  }

  /** Slots that are free, when these steps are answered. */
  #roomAfter(asked: readonly Pending[]): number {
    if (!this.#isTaking) return 0;
    const freed = asked.filter(
      ({ message, step }) => step[0] !== 'extend' && this.#held.get(message.id) === message,
    ).length;
    return Math.max(0, Math.min(this.#wanted + freed - this.#found.length, mostATurn));
  }

  async #beat(): Promise<void> {
    const beat = await this.#member.beat();
    if (beat === undefined) return this.#loseAll();
    this.#pulse.again(beat.nextMs);
    this.#condition.up();
    if (beat.waiting > 0) this.#isDry = false;
    if (this.#settings.holds) await this.#compare(new Set(beat.held));
  }

  /** What Redis holds for us, and what we know of, should be the same. */
  async #compare(inRedis: ReadonlySet<string>): Promise<void> {
    // What is being settled may have been before.
    const settling = new Set(this.#pending.map(({ message }) => message.id));
    for (const message of this.#held.values()) {
      if (inRedis.has(message.id) || settling.has(message.id)) continue;
      this.#held.delete(message.id);
      this.#sink.lose(message, 'somebody has taken it out of Redis');
    }
    const known = new Set([...this.#held.keys(), ...settling, ...this.#found.map(({ id }) => id)]);
    const unknown = [...inRedis].filter((id) => !known.has(id));
    if (unknown.length > 0) this.#found.push(...(await this.#member.fetch(unknown)));
  }

  #handOverFound(): void {
    while (this.#found.length > 0 && this.#isTaking && this.#wanted > 0) this.#handOver(this.#found.shift() as Taken);
    if (this.#isTaking) return;
    for (const message of this.#found.splice(0))
      this.#pending.push({ message, step: ['giveBack'], answer: nobody, refuse: nobody });
  }

  #handOver(taken: Taken): void {
    const { message, thrown } = makeMessage(taken, this.#settings.key, this.#member.owner, this.#policy.parse);
    this.#wanted = Math.max(0, this.#wanted - 1);
    this.#held.set(message.id, message);
    this.#arriving = message;
    if (thrown === undefined) this.#sink.deliver(message);
    else this.#sink.deliverMalformed(message, thrown.error);
    this.#arriving = undefined;
  }

  #settle(message: RedisMessage<T>, step: Step): Promise<boolean> | boolean {
    if (message.owner !== this.#member.owner) return false;
    return new Promise((answer, refuse) => {
      this.#pending.push({ message, step, answer, refuse });
      this.#rest.end();
    });
  }

  #answer({ message, step, answer }: Pending, isStored: boolean): void {
    const isOver = step[0] !== 'extend' || !isStored;
    if (isOver && this.#held.get(message.id) === message) this.#held.delete(message.id);
    if (step[0] === 'retry') this.#pulse.within(step[1] + 1);
    answer(isStored);
  }

  /** Somebody took us for dead: what we had is with others, and nothing that we still do for it counts. */
  #loseAll(asked: readonly Pending[] = []): void {
    const lost = [...this.#held.values()];
    this.#held.clear();
    this.#found.length = 0;
    for (const message of lost) this.#sink.lose(message, 'its consumer did not show for the length of the lease');
    for (const { answer } of [...asked, ...this.#pending.splice(0)]) answer(false);
  }

  /** The next beat looks whether Redis is there. */
  #failed(error: Error): void {
    if (this.#isClosing) return;
    this.#pulse.now();
    this.#member.forgive();
    if (this.#condition.down(error)) this.#sink.trouble(error);
  }
}
