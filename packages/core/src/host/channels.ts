import { channel, type Channel } from 'node:diagnostics_channel';

/*
 * What is published on Node's diagnostics channels; ARCHITECTURE.md has the table. Made once, and published to only
 * where somebody has subscribed: a call costs two looks at a property.
 */
export const channels: Readonly<Record<ChannelName, Channel>> = {
  jobSubmit: channel('offloop:job:submit'),
  jobEnd: channel('offloop:job:end'),
  jobError: channel('offloop:job:error'),
  loopStart: channel('offloop:loop:start'),
  loopExit: channel('offloop:loop:exit'),
  loopStalled: channel('offloop:loop:stalled'),
  loopLost: channel('offloop:loop:lost'),
  poolFull: channel('offloop:pool:full'),
  poolRestart: channel('offloop:pool:restart'),
  poolBroken: channel('offloop:pool:broken'),
  mainStalled: channel('offloop:main:stalled'),
};

type ChannelName =
  | 'jobSubmit'
  | 'jobEnd'
  | 'jobError'
  | 'loopStart'
  | 'loopExit'
  | 'loopStalled'
  | 'loopLost'
  | 'poolFull'
  | 'poolRestart'
  | 'poolBroken'
  | 'mainStalled';

/** What every message about a job has: `call` is its future or handle, the same object each time. */
export interface JobMessage {
  readonly call: object;
  readonly job: string;
  readonly name: string | undefined;
  readonly loop: string;
}

/** Somebody wants to hear of calls that are sent. */
export function hearsSubmits(): boolean {
  return channels.jobSubmit.hasSubscribers;
}

/** A call was sent to its loop. */
export function publishSubmit(message: JobMessage): void {
  channels.jobSubmit.publish(message);
}

/** Somebody wants to hear of the ends of calls. */
export function hearsEnds(): boolean {
  return channels.jobEnd.hasSubscribers || channels.jobError.hasSubscribers;
}

/** A call has settled, with an error in `failure` unless it has a result. */
export function publishEnd(message: JobMessage, failure: { readonly error: unknown } | undefined): void {
  if (failure === undefined) channels.jobEnd.publish(message);
  else channels.jobError.publish({ ...message, error: failure.error });
}
