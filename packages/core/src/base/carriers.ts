/** How something travels with the calls that a thread makes, and is put in place around the jobs that it runs; see `carry`. */
export interface Carrier<T> {
  /** The same on both sides. */
  readonly name: string;
  /**
   * What travels with a call that is being made here; undefined: nothing. It is called once a call, in the context of the
   * caller. What it gives is copied as an argument is, by structured clone (where a call waits in a pool, when it leaves for a
   * loop), and can't be moved.
   */
  get(): T | undefined;
  /** Call `fn` at once, and once, with the value in place, and give back what it gives. */
  run<R>(value: T, fn: () => R): R;
}

/** What travels with a call: [name, value, name, value, …]. */
export type CarriedValues = readonly unknown[];

/** What a call has taken along where it was made; or why it can't be made. */
export interface Carried {
  readonly values: CarriedValues;
  readonly error: Error | undefined;
}

/** For a call that must not take anything along later. */
export const nothingCarried: Carried = Object.freeze({ values: [], error: undefined });

/** All carriers of a thread; carry.ts has the rest, which a thread without any does not load. */
export interface Carriers {
  /** What a call that is made now takes along. */
  takeAlong(): Carried | undefined;
  /** Call `fn` with these values in place, and nothing left behind of the contexts that it enters. */
  around<R>(values: CarriedValues, fn: () => R): R;
}

let carriers: Carriers | undefined;

/** The carriers of this thread; undefined where nothing could travel, nor be put in place. */
export function carriersHere(): Carriers | undefined {
  return carriers;
}

export function setCarriers(all: Carriers | undefined): void {
  carriers = all;
}

/** What a call that is made now takes along; undefined where nothing does. */
export function takeAlong(): Carried | undefined {
  return carriers?.takeAlong();
}
