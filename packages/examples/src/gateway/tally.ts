import type { Receipt } from './message.ts';

/** What has become of the messages so far: each is in exactly one of the counts, or still waits in the queue. */
export class Tally {
  readonly messages: number;
  inFlight = 0;
  sent = 0;
  failed = 0;
  /** Asked to stop while in flight. */
  cancelled = 0;
  /** Of the failed, those that the alert endpoint was told of. */
  alerts = 0;

  constructor(messages: number) {
    this.messages = messages;
  }

  get settled(): number {
    return this.sent + this.failed + this.cancelled;
  }

  /** Never handed to the loop. */
  get waiting(): number {
    return this.messages - this.settled - this.inFlight;
  }

  begin(): void {
    this.inFlight++;
  }

  settle(receipt: Receipt): void {
    this.inFlight--;
    if (receipt.isSent) this.sent++;
    else this.failed++;
    if (receipt.isAlerted) this.alerts++;
  }

  cancel(): void {
    this.inFlight--;
    this.cancelled++;
  }
}
