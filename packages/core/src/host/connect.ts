import { systemClock } from '../base/clock.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { Awake } from '../link/awake.ts';
import { CallerPoll } from '../link/caller-poll.ts';
import type { Connection, FrameHandler } from '../link/lane.ts';
import { addLane, removeLane } from '../link/open-lanes.ts';
import { PacedReceiver } from '../link/paced-receiver.ts';
import { PortInbox } from '../link/port-inbox.ts';
import { PortLane } from '../link/port-lane.ts';
import { RingInbox } from '../link/ring-inbox.ts';
import { RingLane } from '../link/ring-lane.ts';
import { makeRing, RingReader, RingWriter } from '../link/ring.ts';
import { Spin } from '../link/spin.ts';
import type { PortTransport, Receiver } from '../link/transport.ts';
import type { CallerFrame, GuestFrame } from '../wire/frames.ts';
import type { InitRings } from '../wire/init.ts';
import type { CompleteLoopOptions } from './loop-options.ts';

/** The loops of this thread. */
const awake = new Awake();

/** Opens the transport to a thread that is told of these rings. */
type Open = (receiver: Receiver, rings: InitRings | undefined) => PortTransport;

/** Connect on the lane that the options name. `isExpecting`: is any reply due? */
export function connect(
  handler: FrameHandler<GuestFrame>,
  open: Open,
  { lane, spin }: CompleteLoopOptions,
  isExpecting: () => boolean,
): Connection<CallerFrame> {
  return lane === 'port' ? connectByPort(handler, open) : connectByRing(handler, open, spin / 1000, isExpecting);
}

/** Connect over a port alone: also how handles do. */
export function connectByPort(handler: FrameHandler<GuestFrame>, open: Open): Connection<CallerFrame> {
  const inbox = new PortInbox(handler);
  const arrivals = new PacedReceiver(inbox, systemClock, intrinsics.setImmediate);
  const transport = open(arrivals, undefined);
  const lane = new PortLane<CallerFrame>(transport, intrinsics.queueMicrotask);
  addLane(lane);
  return {
    lane,
    get garbage() {
      return inbox.garbage;
    },
    expect() {},
    readArrived() {
      transport.drain();
      arrivals.finish();
    },
    park: () => true,
    isConnected: () => transport.isConnected(),
    end: () => removeLane(lane),
  };
}

function connectByRing(
  handler: FrameHandler<GuestFrame>,
  open: Open,
  spinMs: number,
  isExpecting: () => boolean,
): Connection<CallerFrame> {
  const toGuest = makeRing();
  const toCaller = makeRing();
  const place = awake.enter();
  const reader = new RingReader(toCaller);
  const inbox = new RingInbox(reader, handler, () => poll.bell());
  const transport = open(inbox, { toGuest, toCaller, awake: awake.buffer, place, spinMs });
  inbox.connect(transport);
  const lane = new RingLane<CallerFrame>(new RingWriter(toGuest), transport, intrinsics.queueMicrotask);
  const poll: CallerPoll = new CallerPoll(reader, inbox, lane, {
    clock: systemClock,
    nextTick: intrinsics.nextTick,
    nextTurn: intrinsics.setImmediate,
    spin: new Spin(spinMs, () => awake.fits(place)),
    isExpecting,
  });
  addLane(lane);
  return {
    lane,
    get garbage() {
      return inbox.garbage;
    },
    expect: () => poll.expect(),
    readArrived() {
      transport.drain();
      poll.readArrived();
    },
    park: () => reader.park(),
    isConnected: () => transport.isConnected(),
    end() {
      awake.leave(place);
      removeLane(lane);
    },
  };
}
