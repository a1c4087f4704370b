import { parentPort } from 'node:worker_threads';

import { RunningLoop, setRunningLoop } from '../asyncio/running-loop.ts';
import { systemClock } from '../base/clock.ts';
import { setEntryUrl } from '../base/entry.ts';
import { InvalidStateError } from '../base/errors.ts';
import { connect } from './connect.ts';
import { flushLanes } from '../link/open-lanes.ts';
import { setOwnLoop } from '../link/own-loop.ts';
import { joinThreadTable } from '../link/thread-table.ts';
import { toWire } from '../wire/error-codec.ts';
import { Op } from '../wire/frames.ts';
import { Gauges } from '../wire/gauges.ts';
import { initFamily, initKey, type Init } from '../wire/init.ts';
import { mainWatchKey, type MainWatchInit } from '../wire/main-watch.ts';
import { CallMeter } from './call-meter.ts';
import { Guard } from './guard.ts';
import { GuestLink } from './guest-link.ts';
import { JobModules } from './job-modules.ts';
import { Lifetime } from './lifetime.ts';
import { unpackLuggage } from './luggage.ts';
import { watchMain } from './main-watch.ts';
import { PortTurns } from './port-turns.ts';
import { reportUnhandled } from './unhandled.ts';
import { Visitors } from './visitors.ts';

/** Turn this worker thread into a loop once its owner's first message has come. Called by `offloop/worker`. */
export function boot(): void {
  const port = parentPort;
  if (port === null)
    throw new InvalidStateError(
      "offloop/worker is the start of a worker thread; import 'offloop' in the main thread instead",
    );
  const onMessage = (message: unknown): void => {
    const key: unknown = (message as Partial<Init> | null)?.key;
    // What else comes on the parent port is the user's business.
    if (typeof key !== 'string' || !(key.startsWith(initFamily) || key === mainWatchKey)) return;
    if (key === mainWatchKey) {
      port.off('message', onMessage);
      watchMain(message as MainWatchInit);
      return;
    }
    if (key !== initKey)
      throw new InvalidStateError(
        `this worker's offloop speaks ${initKey}, its owner's ${key}: bundle or install one version for both`,
      );
    port.off('message', onMessage);
    start(message as Init);
  };
  port.on('message', onMessage);
}

function start(init: Init): void {
  setEntryUrl(init.entry);
  joinThreadTable(init.threads.table, init.threads.own);
  unpackLuggage(init);
  const modules = new JobModules(systemClock, init.loadTimeoutMs);
  const turns = new PortTurns();
  const { nextTurn } = turns;
  const guard = new Guard();
  const meter = new CallMeter(systemClock, new Gauges(init.gauges));
  const link: GuestLink = new GuestLink(
    (handler) =>
      connect(init, handler, turns, guard, {
        isSettled: () => link.isSettled && visitors.isSettled,
        goesOn: () => link.goesOn || visitors.goesOn,
      }),
    {
      clock: systemClock,
      guard,
      times: meter,
      modules,
      nextTurn,
      slowCallbackMs: init.slowCallbackMs,
      onFlush: (request) => lifetime.flush(request),
      onClose: (mode) => lifetime.close(mode),
      onIdle: () => lifetime.check(),
      onFrame: (frame) => {
        if (frame[0] !== Op.Connect) return false;
        visitors.serve(frame[1]);
        return true;
      },
    },
  );
  const visitors: Visitors = new Visitors(init.name, {
    clock: systemClock,
    modules,
    nextTurn,
    onIdle: () => lifetime.check(),
    // To the owner it is a call that is none of its own.
    onOccupied: (isOccupied) => link.words.enter(isOccupied ? -1 : 0),
    onCallbackFailed: (job, error, carried) => link.lane.send([Op.Unhandled, 'callback', job, toWire(error), carried]),
  });
  const lifetime = new Lifetime(link, visitors, modules, init, nextTurn);
  setOwnLoop(visitors, (port) => link.lane.sendAside([Op.Connect, port]));
  setRunningLoop(new RunningLoop(init.name, () => link.lane.send([Op.StopRequest])));
  reportUnhandled(link.lane);
  // process.exit() in a job: what was settled before it still counts.
  process.on('exit', (code) => {
    flushLanes();
    visitors.exiting(code);
  });
  guard.onBreak(() => turns.broken());
  guard.install();
  meter.lookAtHeap();
  lifetime.begin();
}
