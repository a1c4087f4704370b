/**
 * The Node options of a thread that is given some: in addition to the process's, never instead, because a thread must not
 * lose a flag such as `--permission`. Those that Node refuses for a thread although the process has them (V8's, as
 * `--max-old-space-size`, and `--title`) are left out: they are the whole process's, and hold in the thread without being named.
 */
export function withThreadFlags<T>(
  given: readonly string[],
  make: (execArgv: string[]) => T,
  own: readonly string[] = process.execArgv,
): T {
  try {
    return make([...own, ...given]);
  } catch (error) {
    const refused = refusedFlags(error);
    const kept = own.filter((flag) => !refused.includes(flag));
    if (kept.length === own.length) throw error;
    return make([...kept, ...given]);
  }
}

/** Node tells them in its message only. */
function refusedFlags(error: unknown): readonly string[] {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV') return [];
  return (/flags: (.*)$/.exec(message)?.[1] ?? '').split(', ');
}
