import type { SourceHealth } from '../../index.ts';
import type { RedisListError } from './errors.ts';

/** Whether Redis is there and does what it is asked, and whether somebody has been told that it does not: once, until it does again. */
export class Condition {
  #health: SourceHealth = { state: 'starting' };
  #isTold = false;
  /** It is there, and has refused a turn. */
  #refuses = false;

  get health(): SourceHealth {
    return this.#health;
  }

  get isUp(): boolean {
    return this.#health.state === 'up';
  }

  /** It is there. */
  up(): void {
    if (this.#refuses || this.isUp) return;
    this.#health = { state: 'up' };
    this.#isTold = false;
  }

  /** It has done a turn. */
  works(): void {
    this.#refuses = false;
    this.up();
  }

  /** It has not done a turn. */
  failed(error: RedisListError): void {
    this.#refuses ||= error.isRefusal;
  }

  /** True when this is to be told. */
  down(error: Error): boolean {
    this.#health = { state: this.#health.state === 'starting' ? 'starting' : 'down', error };
    const isNew = !this.#isTold;
    this.#isTold = true;
    return isNew;
  }
}
