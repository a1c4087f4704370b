import { Line, type LineItem } from './line.ts';

/** One step of priority is worth as much as having waited so many milliseconds longer. */
export const priorityStepMs = 1000;

/** What waits in a backlog. */
export interface Ranked<T extends LineItem<T>> extends LineItem<T> {
  readonly priority: number;
  /** When it began to wait, less what its priority is worth: the lowest is next. It ages by itself, since later ones come with higher ranks. */
  readonly rank: number;
}

/** `a` comes before `b`. */
export function comesBefore<T extends Ranked<T>>(a: T, b: T): boolean {
  return a.rank === b.rank ? a.order < b.order : a.rank < b.rank;
}

class PriorityLine<T extends Ranked<T>> extends Line<T> {
  readonly priority: number;

  constructor(priority: number) {
    super();
    this.priority = priority;
  }
}

/**
 * What waits, by priority: a line for each, in which items stand in order, and the next is the best of the first ones. An
 * item that was overtaken for long enough is overtaken no more, so nothing starves. Where all have one priority it is a line.
 */
export class Backlog<T extends Ranked<T>> {
  /** One for each priority in use: mostly one. */
  readonly #lines: PriorityLine<T>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The next one. */
  get first(): T | undefined {
    let best: T | undefined;
    for (const { first } of this.#lines)
      if (first !== undefined && (best === undefined || comesBefore(first, best))) best = first;
    return best;
  }

  push(item: T): void {
    this.#lineOf(item).push(item);
    this.#size++;
  }

  /** Put an item back where it stood. */
  putBack(item: T): void {
    this.#lineOf(item).putBack(item);
    this.#size++;
  }

  /** Take the item out; false when it does not stand here. */
  remove(item: T): boolean {
    const index = this.#lines.findIndex(({ priority }) => priority === item.priority);
    const line = this.#lines[index];
    if (line?.remove(item) !== true) return false;
    this.#size--;
    // Few priorities are in use at a time, whatever numbers were given.
    if (line.size === 0 && this.#lines.length > 1) this.#lines.splice(index, 1);
    return true;
  }

  /** Take everything out, in the order in which it was submitted. */
  takeAll(): T[] {
    const all = this.#lines.splice(0).flatMap((line) => line.takeAll());
    this.#size = 0;
    return all.sort((a, b) => a.order - b.order);
  }

  #lineOf({ priority }: T): Line<T> {
    let line = this.#lines.find((each) => each.priority === priority);
    if (line === undefined) this.#lines.push((line = new PriorityLine<T>(priority)));
    return line;
  }
}
