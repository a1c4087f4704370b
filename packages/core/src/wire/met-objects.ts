/** So few objects are compared with each other; more are counted by a set. */
const fewObjects = 12;

const SetOfObjects = Set;

/** The objects met in one record. Structured clone keeps shared references and cycles, a record does not. */
export class MetObjects {
  /** The first few, in the order met; those before `#checked` are known to be distinct. */
  readonly #few: object[] = [];
  #checked = 0;
  /** All of them, once they are more. */
  #all: Set<object> | undefined;
  #count = 0;

  add(value: object): void {
    this.#count++;
    if (this.#all !== undefined) this.#all.add(value);
    else if (this.#count <= fewObjects) this.#few.push(value);
    else this.#all = new SetOfObjects(this.#few).add(value);
  }

  /** Is none of them met twice? */
  areDistinct(): boolean {
    if (this.#all !== undefined) return this.#all.size === this.#count;
    const few = this.#few;
    for (let index = Math.max(this.#checked, 1); index < few.length; index++) {
      if (few.lastIndexOf(few[index] as object, index - 1) >= 0) return false;
    }
    this.#checked = few.length;
    return true;
  }

  forget(): void {
    if (this.#count === 0) return;
    // An array whose length is set to 0 loses its room, which the next record would have to make again.
    while (this.#few.length > 0) this.#few.pop();
    this.#checked = 0;
    this.#count = 0;
    this.#all = undefined;
  }
}
