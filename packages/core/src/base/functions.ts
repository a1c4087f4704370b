// oxlint-disable-next-line typescript/unbound-method -- always called with a function as `this`
const functionToString = Function.prototype.toString;

/**
 * Whether `fn` is an arrow function without parameters: the one kind that cannot see what it is called with, so that the
 * argument need not be made. Any other function may look at `arguments`. Reads the source, which takes V8 some 0.1 µs.
 */
export function takesNothing(fn: object): boolean {
  return /^(?:async\s*)?\(\s*\)\s*=>/.test(Reflect.apply(functionToString, fn, []));
}

/** For places that take an expression. */
export function raise(error: unknown): never {
  throw error;
}
