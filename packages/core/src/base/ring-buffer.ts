/**
 * A first-in first-out queue on a circular array: push and shift cost the same however long it is,
 * where `Array.prototype.shift` moves every element.
 */
export class RingBuffer<T> {
  /** Always a power of two long; slots that hold nothing are undefined, so that what was taken can be collected. */
  #slots: (T | undefined)[] = new Array<T | undefined>(16);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(value: T): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = value;
    this.#size++;
  }

  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#slots[this.#head];
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const value = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size--;
    return value;
  }

  /** Remove the first occurrence of `value`; cost grows with the length. */
  delete(value: T): boolean {
    for (let i = 0; i < this.#size; i++) {
      if (this.#slots[(this.#head + i) & (this.#slots.length - 1)] !== value) continue;
      for (let j = i; j < this.#size - 1; j++) {
        this.#slots[(this.#head + j) & (this.#slots.length - 1)] =
          this.#slots[(this.#head + j + 1) & (this.#slots.length - 1)];
      }
      this.#slots[(this.#head + this.#size - 1) & (this.#slots.length - 1)] = undefined;
      this.#size--;
      return true;
    }
    return false;
  }

  clear(): void {
    this.#slots = new Array<T | undefined>(16);
    this.#head = 0;
    this.#size = 0;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.#size; i++) yield this.#slots[(this.#head + i) & (this.#slots.length - 1)] as T;
  }

  #grow(): void {
    const { length } = this.#slots;
    const next = new Array<T | undefined>(length * 2);
    for (let i = 0; i < this.#size; i++) next[i] = this.#slots[(this.#head + i) & (length - 1)];
    this.#slots = next;
    this.#head = 0;
  }
}
