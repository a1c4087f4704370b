import type { Held, News, Row } from './wire.ts';

/**
 * A consumer in the thread. It has no place among the file's consumers as long as it has no messages, so that who waits writes
 * nothing.
 */
export class Taker {
  /** Messages that it may be given in all. */
  allowance: number;
  /** Messages that it was given in all. */
  given = 0;
  /** Who it is in the file; another one after it was taken for dead. */
  owner: number | undefined;
  /** The rows that it has. */
  readonly held: Set<number> = new Set();
  readonly #news: News[] = [];
  #wake: (() => void) | undefined;
  #left = false;

  constructor(allowance: number) {
    this.allowance = allowance;
  }

  get room(): number {
    return Math.max(0, this.allowance - this.given);
  }

  /** Rows were taken for it, and that is in the file. */
  take(owner: number, rows: readonly Row[]): void {
    if (this.owner !== owner) this.die();
    this.owner = owner;
    this.given += rows.length;
    for (const [seq] of rows) this.held.add(seq);
  }

  /** Rows are no longer its own, and nobody here has said so. */
  lose(rows: readonly number[], why: string): void {
    const { owner } = this;
    if (owner === undefined || rows.length === 0) return;
    for (const seq of rows) this.held.delete(seq);
    this.tell(['lost', rows.map((seq): Held => [seq, owner]), why]);
  }

  /** It was taken for dead: what it had is lost. */
  die(): void {
    this.lose([...this.held], 'its process did not show for the length of the lease that it lives');
    this.owner = undefined;
  }

  tell(news: News): void {
    this.#news.push(news);
    this.#wake?.();
  }

  /** Ends what listens, when all is told. */
  leave(): void {
    this.#left = true;
    this.#wake?.();
  }

  async *listen(): AsyncGenerator<News, void> {
    for (;;) {
      for (let news = this.#news.shift(); news !== undefined; news = this.#news.shift()) yield news;
      if (this.#left) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
