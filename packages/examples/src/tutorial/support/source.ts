/** Where a consumer takes its messages from. */
export interface Source {
  /** The next message, as soon as there is one; undefined when no more will come or `signal` has aborted. */
  next(signal?: AbortSignal): Promise<number | undefined>;
}
