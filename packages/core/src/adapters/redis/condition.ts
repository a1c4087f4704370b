import type { SourceHealth } from '../../index.ts';

/** Whether Redis is there, and whether somebody has been told that it is not: once, until it is there again. */
export class Condition {
  #health: SourceHealth = { state: 'starting' };
  #isTold = false;

  get health(): SourceHealth {
    return this.#health;
  }

  up(): void {
    this.#health = { state: 'up' };
    this.#isTold = false;
  }

  /** True when this is to be told. */
  down(error: Error): boolean {
    this.#health = { state: this.#health.state === 'starting' ? 'starting' : 'down', error };
    const isNew = !this.#isTold;
    this.#isTold = true;
    return isNew;
  }
}
