// Looking at values that may resist: a Proxy or a getter that throws must not keep a task from settling.

/** Whether something is awaitable. Reads its `then`, which may throw. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof (value as PromiseLike<T>).then === 'function'
  );
}

/** `instanceof` that is false for what throws when it is looked at. */
export function isInstance<E extends Error>(thrown: unknown, errorClass: new (...args: never[]) => E): thrown is E {
  try {
    return thrown instanceof errorClass;
  } catch {
    return false;
  }
}

/** What an API throws that was given an AbortSignal. */
export function isAbort(error: unknown): boolean {
  return isInstance(error, Error) && error.name === 'AbortError';
}
