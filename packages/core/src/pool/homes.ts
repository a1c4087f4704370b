/** Keys that are remembered: beyond that the one that was not used for longest may get another loop. */
const maxKeys = 65_536;

/** Which place a key has been given: all its calls go there as long as the place exists. */
export class Homes<S> {
  readonly #homes = new Map<unknown, S>();
  readonly #max: number;

  constructor(max: number = maxKeys) {
    this.#max = max;
  }

  /** The place of this key, unless it is gone. `exists` also while it takes no calls for a moment. */
  find(key: unknown, exists: (home: S) => boolean): S | undefined {
    const home = this.#homes.get(key);
    if (home === undefined || exists(home)) return home;
    this.#homes.delete(key);
    return undefined;
  }

  /** From now on the key's calls go here. */
  settle(key: unknown, home: S): void {
    this.#homes.delete(key);
    if (this.#homes.size >= this.#max) this.#homes.delete(this.#homes.keys().next().value);
    this.#homes.set(key, home);
  }
}
