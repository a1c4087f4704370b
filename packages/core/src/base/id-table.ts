/** What can be in a table: in one at a time. All but the id belongs to the table. */
export interface IdItem<T> {
  readonly id: string;
  olderNeighbour: T | undefined;
  tableOrder: number;
}

/** As many characters at the end of an id make its place: those that differ. */
const hashed = 16;

/** Finds what comes and goes with every message by its id, which several may share. No Map, for what is said at `Bag`. */
export class IdTable<T extends IdItem<T>> implements Iterable<T> {
  /** The newest item of each place. */
  #newest: (T | undefined)[] = empty<T>(64);
  #size = 0;
  #added = 0;

  get size(): number {
    return this.#size;
  }

  /** The one with this id that was added last. */
  find(id: string): T | undefined {
    let item = this.#newest[this.#placeOf(id)];
    while (item !== undefined && item.id !== id) item = item.olderNeighbour;
    return item;
  }

  /** Add an item that is in no table. */
  add(item: T): void {
    if (this.#size >= 2 * this.#newest.length) this.#grow();
    this.#size++;
    item.tableOrder = this.#added++;
    this.#put(item);
  }

  /** Take it out; false when it is not in it. */
  delete(item: T): boolean {
    const place = this.#placeOf(item.id);
    let newer: T | undefined;
    let each = this.#newest[place];
    while (each !== undefined && each !== item) [newer, each] = [each, each.olderNeighbour];
    if (each === undefined) return false;
    if (newer === undefined) this.#newest[place] = item.olderNeighbour;
    else newer.olderNeighbour = item.olderNeighbour;
    item.olderNeighbour = undefined;
    this.#size--;
    return true;
  }

  /** Those that are in it now, whatever comes and goes meanwhile, in the order in which they came. */
  [Symbol.iterator](): IterableIterator<T> {
    const items: T[] = [];
    for (let item of this.#newest) for (; item !== undefined; item = item.olderNeighbour) items.push(item);
    return items.sort((a, b) => a.tableOrder - b.tableOrder).values();
  }

  #put(item: T): void {
    const place = this.#placeOf(item.id);
    item.olderNeighbour = this.#newest[place];
    this.#newest[place] = item;
  }

  #grow(): void {
    const items = [...this];
    this.#newest = empty<T>(2 * this.#newest.length);
    for (const item of items) this.#put(item);
  }

  #placeOf(id: string): number {
    let hash = 0;
    for (let at = Math.max(0, id.length - hashed); at < id.length; at++)
      hash = (Math.imul(hash, 31) + id.charCodeAt(at)) | 0;
    return hash & (this.#newest.length - 1);
  }
}

function empty<T>(places: number): (T | undefined)[] {
  return Array.from({ length: places }, () => undefined);
}
