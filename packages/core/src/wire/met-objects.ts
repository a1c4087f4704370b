/** So few objects are compared with each other; more are counted by a set. */
const fewObjects = 12;

const SetOfObjects = Set;

/** The objects met in one record. Structured clone keeps shared references and cycles, a record does not. */
export class MetObjects {
  /** In the order met; those before `#checked` are known to be distinct. */
  readonly #met: object[] = [];
  #checked = 0;
  #set: Set<object> | undefined;

  add(value: object): void {
    this.#met.push(value);
  }

  /** Is none of them met twice? */
  areDistinct(): boolean {
    const met = this.#met;
    if (this.#set === undefined && met.length <= fewObjects) {
      for (let index = Math.max(this.#checked, 1); index < met.length; index++) {
        if (met.lastIndexOf(met[index] as object, index - 1) >= 0) return false;
      }
    } else if (this.#set === undefined) this.#set = new SetOfObjects(met);
    else for (let index = this.#checked; index < met.length; index++) this.#set.add(met[index] as object);
    this.#checked = met.length;
    return this.#set === undefined || this.#set.size === met.length;
  }

  forget(): void {
    const met = this.#met;
    if (met.length === 0) return;
    // An array whose length is set to 0 loses its room, which the next record would have to make again.
    if (met.length > fewObjects) met.length = 0;
    else while (met.length > 0) met.pop();
    this.#checked = 0;
    this.#set = undefined;
  }
}
