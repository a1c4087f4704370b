import { systemClock } from '../base/clock.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { Awake } from '../link/awake.ts';
import { BatchInbox } from '../link/batch-inbox.ts';
import { BatchWriter } from '../link/batch.ts';
import { CallerPoll } from '../link/caller-poll.ts';
import { Doorbell } from '../link/doorbell.ts';
import type { Connection, FrameHandler } from '../link/lane.ts';
import { addLane, removeLane } from '../link/open-lanes.ts';
import { PacedReceiver } from '../link/paced-receiver.ts';
import { RecordInbox } from '../link/record-inbox.ts';
import { RecordLane } from '../link/record-lane.ts';
import { RingReader, RingWriter } from '../link/ring.ts';
import { giveBackRing, takeRing } from '../link/spare-rings.ts';
import { ownTickEnd } from '../link/tick-end.ts';
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
  const inbox = new BatchInbox(handler);
  const arrivals = new PacedReceiver(inbox, systemClock, intrinsics.setImmediate);
  const transport = open(arrivals, undefined);
  const lane = new RecordLane<CallerFrame>(new BatchWriter(transport), transport, intrinsics.soon);
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
  const toGuest = takeRing();
  const toCaller = takeRing();
  const place = awake.enter();
  const reader = new RingReader(toCaller);
  const inbox = new RecordInbox(reader, handler, () => poll.bell());
  const transport = openAt(place, () => open(inbox, { toGuest, toCaller, awake: awake.buffer, place, spinMs }));
  inbox.connect(transport);
  const writer = new RingWriter(toGuest);
  const doorbell = new Doorbell(transport, {
    clock: systemClock,
    nextTick: intrinsics.nextTick,
    tickEnd: ownTickEnd,
  });
  const lane = new RecordLane<CallerFrame>(writer, doorbell, intrinsics.soon);
  const sending = {
    flush() {
      lane.flush();
      doorbell.settle();
    },
  };
  const poll: CallerPoll = new CallerPoll(reader, inbox, lane, {
    clock: systemClock,
    nextTick: intrinsics.nextTick,
    nextTurn: intrinsics.setImmediate,
    spin: new Spin(spinMs, () => awake.fits(place)),
    isExpecting,
  });
  addLane(sending);
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
    end(isSure) {
      awake.leave(place);
      removeLane(sending);
      writer.giveUp();
      reader.giveUp();
      if (!isSure) return;
      giveBackRing(toGuest);
      giveBackRing(toCaller);
    },
  };
}

/** The place is free again when no thread could be started. */
function openAt(place: number, open: () => PortTransport): PortTransport {
  try {
    return open();
  } catch (error) {
    awake.leave(place);
    throw error;
  }
}
