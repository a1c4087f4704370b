import { JobKind } from './job-kind.ts';
import { maxKinds } from './limits.ts';

/**
 * The kinds by job reference, at most so many. A full table loses the one that was not looked up for longest; while there
 * is room nothing is moved, so that a call pays for a lookup only.
 */
export class KindTable {
  readonly #kinds = new Map<unknown, JobKind>();
  readonly #max: number;

  constructor(max: number = maxKinds) {
    this.#max = max;
  }

  get size(): number {
    return this.#kinds.size;
  }

  /** The kind of this job; a new one that knows nothing where the table has none. */
  find(job: unknown): JobKind {
    let kind = this.#kinds.get(job);
    const full = this.#kinds.size >= this.#max;
    if (kind !== undefined && !full) return kind;
    if (full) this.#kinds.delete(kind === undefined ? this.#kinds.keys().next().value : job);
    kind ??= new JobKind();
    this.#kinds.set(job, kind);
    return kind;
  }
}
