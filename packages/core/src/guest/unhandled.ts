import type { Lane } from '../link/lane.ts';
import { toWire } from '../wire/error-codec.ts';
import { Op, type GuestFrame } from '../wire/frames.ts';

/**
 * Tell the owner of what nobody in this thread handles, and live on: without this Node would end the thread, and with it
 * jobs that have nothing to do with the error.
 */
export function reportUnhandled(lane: Lane<GuestFrame>): void {
  process.on('unhandledRejection', (reason) =>
    lane.send([Op.Unhandled, 'unhandledRejection', undefined, toWire(reason)]),
  );
  process.on('uncaughtException', (error) => lane.send([Op.Unhandled, 'uncaughtException', undefined, toWire(error)]));
}
