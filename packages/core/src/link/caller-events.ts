import type { MessagePort } from 'node:worker_threads';

import type { CarriedValues } from '../base/carriers.ts';
import type { WireThrown } from '../wire/error-codec.ts';
import { Op, type GuestFrame, type UnhandledOrigin } from '../wire/frames.ts';
import type { JobName } from './call-request.ts';

/** What the other side tells that is not about one call. */
export interface CallerEvents {
  onReady(): void;
  onUnhandled(origin: UnhandledOrigin, job: string | undefined, error: WireThrown, carried?: CarriedValues): void;
  onSlow(job: string, ms: number): void;
  /** Calls of this job have the thread for about so many microseconds, until they first await: told when it changes. */
  onJobTime?(job: JobName, us: number): void;
  /** To the question of that number. */
  onAnswer(request: number, answer: unknown): void;
  onStopRequest(): void;
  onBye(error: WireThrown | undefined): void;
  /** A thread wants to be served on the main loop. */
  onConnect(port: MessagePort): void;
  /** What threads hear that do not own the loop: it takes no more calls; its thread ends by itself. */
  onClosing?(): void;
  onExiting?(code: number): void;
}

/** Tell of a frame that is about no call; answers whether it was one. */
export function tellEvent(events: CallerEvents, frame: GuestFrame): boolean {
  switch (frame[0]) {
    case Op.Ready:
      events.onReady();
      return true;
    case Op.Unhandled:
      events.onUnhandled(frame[1], frame[2], frame[3], frame[4]);
      return true;
    case Op.Slow:
      events.onSlow(frame[1], frame[2]);
      return true;
    case Op.TaskList:
      events.onAnswer(frame[1], { tasks: frame[2], ids: frame[3] });
      return true;
    case Op.Flushed:
      events.onAnswer(frame[1], true);
      return true;
    case Op.StopRequest:
      events.onStopRequest();
      return true;
    case Op.Bye:
      events.onBye(frame[1]);
      return true;
    case Op.Connect:
      events.onConnect(frame[1]);
      return true;
    case Op.Closing:
      events.onClosing?.();
      return true;
    case Op.Exiting:
      events.onExiting?.(frame[1]);
      return true;
    default:
      return false;
  }
}
