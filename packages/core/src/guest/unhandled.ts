import { takeAlong } from '../base/carriers.ts';
import type { Lane } from '../link/lane.ts';
import { cloneOrText, toWire } from '../wire/error-codec.ts';
import { Op, type GuestFrame, type UnhandledOrigin } from '../wire/frames.ts';

/**
 * Tell the owner of what nobody in this thread handles, and live on: without this Node would end the thread, and with it
 * jobs that have nothing to do with the error.
 */
export function reportUnhandled(lane: Lane<GuestFrame>): void {
  process.on('unhandledRejection', (reason) => tell('unhandledRejection', reason));
  process.on('uncaughtException', (error) => tell('uncaughtException', error));
  function tell(origin: UnhandledOrigin, error: unknown): void {
    // Node calls these in the context of the promise that was rejected; of what has thrown only where that is still known.
    lane.send([Op.Unhandled, origin, undefined, toWire(error), takeAlong()?.values.map(cloneOrText)]);
  }
}
