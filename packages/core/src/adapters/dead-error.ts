/** An error as it lies with a dead letter: what a person wants to read, also with another program. */
interface PackedDeadError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/** Never throws. */
export function packDeadError(error: unknown): string {
  try {
    if (!(error instanceof Error)) return JSON.stringify({ name: '', message: String(error) });
    const { name, message, stack } = error;
    const { code } = error as { readonly code?: unknown };
    return JSON.stringify({ name, message, stack, ...(typeof code === 'string' ? { code } : {}) });
  } catch {
    return JSON.stringify({ name: '', message: `(a value of type ${typeof error} that cannot be shown)` });
  }
}

export function unpackDeadError(packed: string): Error {
  const { message, ...rest } = JSON.parse(packed) as PackedDeadError;
  const error = new Error(message);
  for (const [key, value] of Object.entries(rest))
    Object.defineProperty(error, key, { value, writable: true, configurable: true });
  return error;
}
