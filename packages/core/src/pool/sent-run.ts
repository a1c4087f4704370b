import type { CallHost } from '../host/call-host.ts';
import { JobRun } from '../host/job-run.ts';
import { requestWith, type CallRequest } from '../link/call-request.ts';
import type { PoolRunOptions } from './pool-types.ts';

/** Whose call it is. */
export interface Sender {
  /** The loop has settled it. Not called for one that could not even be sent: it is done when it has been made. */
  onAnswer(): void;
}

/** A pool's call on the loop that it was given to. */
export class SentRun<T> extends JobRun<T> {
  readonly #sender: Sender;

  constructor(host: CallHost, request: CallRequest, options: PoolRunOptions | undefined, sender: Sender) {
    host.isUnflushed = true;
    // The signal is the pool's business.
    super(host, options === undefined ? request : requestWith(request, options), undefined, options?.timeout);
    this.#sender = sender;
  }

  protected override onSettled(held: boolean): void {
    super.onSettled(held);
    if (#sender in this) this.#sender.onAnswer();
  }
}
