import type { CallOptions, StartOptions, StartSubject, Subject } from './subject.ts';
import { worstOf, type Finding, type Word } from './verdict.ts';

/** What has not settled after this long never does: everything here takes a few milliseconds, the start of a thread included. */
export const patienceMs = 2500;

export type Ending =
  | { readonly is: 'resolved'; readonly value: unknown }
  | { readonly is: 'rejected'; readonly reason: unknown }
  | { readonly is: 'pending' };

/** A call that is watched from its begin, so that its failure never counts as unhandled. What it throws is a rejection. */
export class Call {
  #ending: Ending = { is: 'pending' };
  readonly #settled: Promise<void>;

  constructor(work: () => PromiseLike<unknown>) {
    this.#settled = this.#follow(work);
  }

  /** How it has ended, when it has or when the time is over. */
  async ending(ms: number = patienceMs): Promise<Ending> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => void (timer = setTimeout(resolve, ms)));
    await Promise.race([this.#settled, over]);
    clearTimeout(timer);
    return this.#ending;
  }

  async #follow(work: () => PromiseLike<unknown>): Promise<void> {
    try {
      this.#ending = { is: 'resolved', value: await work() };
    } catch (reason) {
      this.#ending = { is: 'rejected', reason };
    }
  }
}

/** A contestant cannot even be made. */
export class CannotStart extends Error {}

/** What a probe has to work with: one contestant with one thread, and the list of what was seen. */
export class Scene {
  readonly findings: Finding[] = [];
  /** Errors that no job carries, as far as the contestant told of them. */
  readonly told: unknown[] = [];
  readonly #start: StartSubject;
  readonly #variant: object;
  #subject: Subject | undefined;

  constructor(start: StartSubject, variant: object) {
    this.#start = start;
    this.#variant = variant;
  }

  /** Started with the defaults when the probe has not done it. */
  get subject(): Subject {
    if (this.#subject === undefined) this.start();
    return this.#subject as Subject;
  }

  /** With `isHeard: false` nobody listens for errors. */
  start({ isHeard = true, ...options }: StartOptions & { readonly isHeard?: boolean } = {}): void {
    const onError = (error: unknown): void => void this.told.push(error);
    try {
      // Nothing inherited: of a polluted Object.prototype the library is to hear in its own way.
      const own = Object.assign(Object.create(null) as StartOptions, options, isHeard ? { onError } : {});
      this.#subject = this.#start(own, this.#variant);
    } catch (error) {
      throw new CannotStart('the contestant cannot be made', { cause: error });
    }
  }

  call(job: string, arg?: unknown, options: CallOptions = {}): Call {
    const { subject } = this;
    return new Call(() => subject.call(job, arg, options));
  }

  close(now = false): Call {
    const { subject } = this;
    return new Call(() => subject.close(now));
  }

  find(word: Word, note?: string): void {
    this.findings.push(note === undefined ? { word } : { word, note });
  }

  /** Whether something has hung: what else would be seen comes of that. */
  get hangs(): boolean {
    return worstOf(this.findings) === 'hangs';
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

/** Wait until something is so; false when the time is over first. */
export async function until(condition: () => boolean, ms: number = patienceMs): Promise<boolean> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) return false;
    await pause(2);
  }
  return true;
}
