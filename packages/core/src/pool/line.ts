/** What can stand in a line: in one at a time. The fields belong to the line. */
export class LineItem<T extends LineItem<T>> {
  line: Line<T> | undefined = undefined;
  ahead: T | undefined = undefined;
  behind: T | undefined = undefined;
  /** Its place among all items; whoever makes the item gives numbers that grow. */
  readonly order: number;

  constructor(order: number) {
    this.order = order;
  }
}

/** A first-in first-out line that an item can leave from anywhere at the same cost: its neighbours hold hands. */
export class Line<T extends LineItem<T>> {
  #first: T | undefined;
  #last: T | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#first;
  }

  get last(): T | undefined {
    return this.#last;
  }

  has(item: T): boolean {
    return item.line === this;
  }

  /** Add an item that stands in no line at the end. */
  push(item: T): void {
    this.#insert(item, undefined);
  }

  /** Put an item back where its order says. The cost grows with the number of items before it. */
  putBack(item: T): void {
    let after = this.#first;
    while (after !== undefined && after.order < item.order) after = after.behind;
    this.#insert(item, after);
  }

  /** Take the item out; false when it does not stand here. */
  remove(item: T): boolean {
    if (item.line !== this) return false;
    const { ahead, behind } = item;
    if (ahead === undefined) this.#first = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.#last = ahead;
    else behind.ahead = ahead;
    item.line = undefined;
    item.ahead = undefined;
    item.behind = undefined;
    this.#size--;
    return true;
  }

  /** Take everything out, first to last. */
  takeAll(): T[] {
    const all = [...this];
    for (const item of all) this.remove(item);
    return all;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let item = this.#first; item !== undefined; item = item.behind) yield item;
  }

  /** Before `after`; at the end when that is undefined. */
  #insert(item: T, after: T | undefined): void {
    const ahead = after === undefined ? this.#last : after.ahead;
    item.line = this;
    item.ahead = ahead;
    item.behind = after;
    if (ahead === undefined) this.#first = item;
    else ahead.behind = item;
    if (after === undefined) this.#last = item;
    else after.ahead = item;
    this.#size++;
  }
}
