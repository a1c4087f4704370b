/** Await it once, and the start of the thread is no part of what is measured next. */
export function ready(): void {}
