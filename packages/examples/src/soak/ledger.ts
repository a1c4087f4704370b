import { LoopClosedError, LoopCrashedError } from 'offloop';

/** How a future has ended. */
export type Outcome =
  | { readonly is: 'resolved'; readonly value: unknown }
  | { readonly is: 'rejected'; readonly reason: unknown };

/** What became of all futures of one kind. */
export interface Count {
  /** As they should. */
  right: number;
  /** With their thread, which another job has ended, or which was closed. */
  lost: number;
}

/** What has not settled after this long never does. */
const limitMs = 60_000;
const mostTold = 20;

/** Knows of every future whether it has settled, and whether as it should. */
export class Ledger {
  readonly counts: Map<string, Count> = new Map();
  /** What was not as it should be, in words; only the first ones. */
  readonly wrong: string[] = [];
  #wrongs = 0;
  #given = 0;
  #settled = 0;

  get given(): number {
    return this.#given;
  }

  get unsettled(): number {
    return this.#given - this.#settled;
  }

  get wrongs(): number {
    return this.#wrongs;
  }

  /** Wait for one. It must end in a way that is right, or with its thread. */
  async follow(what: string, future: PromiseLike<unknown>, isRight: (outcome: Outcome) => boolean): Promise<void> {
    this.#given++;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => void (timer = setTimeout(() => resolve(undefined), limitMs)));
    const outcome = await Promise.race([outcomeOf(future), late]);
    clearTimeout(timer);
    if (outcome === undefined) {
      this.fault(`${what}: not settled after ${limitMs / 1000} s`);
      return;
    }
    this.#settled++;
    const count = this.counts.get(what) ?? { right: 0, lost: 0 };
    this.counts.set(what, count);
    if (isRight(outcome)) count.right++;
    else if (isLost(outcome)) count.lost++;
    else
      this.fault(`${what}: ${outcome.is} with ${String(outcome.is === 'resolved' ? outcome.value : outcome.reason)}`);
  }

  fault(text: string): void {
    this.#wrongs++;
    if (this.wrong.length < mostTold) this.wrong.push(text);
  }
}

async function outcomeOf(future: PromiseLike<unknown>): Promise<Outcome> {
  try {
    return { is: 'resolved', value: await future };
  } catch (reason) {
    return { is: 'rejected', reason };
  }
}

function isLost(outcome: Outcome): boolean {
  if (outcome.is === 'resolved') return false;
  const { reason } = outcome;
  return reason instanceof LoopCrashedError || reason instanceof LoopClosedError;
}
