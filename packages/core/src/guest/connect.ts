import { systemClock } from '../base/clock.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { Awake } from '../link/awake.ts';
import { BatchInbox } from '../link/batch-inbox.ts';
import { BatchWriter } from '../link/batch.ts';
import type { FrameHandler, Lane } from '../link/lane.ts';
import { addLane } from '../link/open-lanes.ts';
import { RecordInbox } from '../link/record-inbox.ts';
import { RecordLane } from '../link/record-lane.ts';
import { RingReader, RingWriter } from '../link/ring.ts';
import { Spin } from '../link/spin.ts';
import { Signal } from '../link/signal.ts';
import { threadTable } from '../link/thread-table.ts';
import { PortTransport } from '../link/transport.ts';
import type { CallerFrame, GuestFrame } from '../wire/frames.ts';
import type { Init } from '../wire/init.ts';
import type { Guard } from './guard.ts';
import { GuestPoll } from './guest-poll.ts';
import type { PortTurns } from './port-turns.ts';

/** What all links of the thread are about. */
export interface GuestActivity {
  /** See `GuestLink.isSettled`. */
  readonly isSettled: () => boolean;
  /** See `GuestLink.goesOn`. */
  readonly goesOn: () => boolean;
}

/** Connect a guest with its owner, on the lanes that the owner has chosen. */
export function connect(
  { port, rings, threads }: Init,
  handler: FrameHandler<CallerFrame>,
  { again, nextTurn }: PortTurns,
  guard: Guard,
  { isSettled, goesOn }: GuestActivity,
): Lane<GuestFrame> {
  const signal = new Signal(threadTable(), threads.owner);
  if (rings === undefined) {
    const transport = new PortTransport(port, new BatchInbox(handler), signal);
    const portLane = new RecordLane<GuestFrame>(new BatchWriter(transport), transport, intrinsics.soon);
    addLane(portLane);
    return portLane;
  }
  const awake = new Awake(rings.awake);
  const { place, spinMs } = rings;
  const reader = new RingReader(rings.toGuest);
  const inbox = new RecordInbox(reader, handler, () => poll.bell());
  const transport = new PortTransport(port, inbox, signal);
  inbox.connect(transport);
  const lane = new RecordLane<GuestFrame>(new RingWriter(rings.toCaller), transport, intrinsics.soon);
  const poll: GuestPoll = new GuestPoll(reader, inbox, lane, {
    clock: systemClock,
    again,
    nextTurn,
    spin: new Spin(spinMs, () => awake.fits(place)),
    isIdle: isSettled,
    goesOn,
    onAwake: (isAwake) => awake.set(place, isAwake),
  });
  guard.onBreak(() => poll.broken());
  addLane(lane);
  return lane;
}
