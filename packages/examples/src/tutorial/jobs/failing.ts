import { registerError, sleep } from 'offloop';

/** Registered in both threads by being imported in both, so that it stays an instance of its class on the way. */
export class NoSuchTaskError extends Error {
  readonly code = 'E_NO_SUCH_TASK';
  override readonly name = 'NoSuchTaskError';
}

registerError(NoSuchTaskError);

export async function fail(x: number): Promise<never> {
  await sleep(1);
  throw new NoSuchTaskError(`no such task: ${x}`);
}
