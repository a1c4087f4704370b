import { MessageChannel, type Transferable } from 'node:worker_threads';

import { expose, transferHandlers, type TransferHandler } from 'comlink';

import { packError, unpackError, type PackedError } from '../index.ts';

// Comlink's own handlers for what it cannot copy, changed in two places. Both sides of a port may be any mix of changed and
// unchanged: the messages stay Comlink's, with one field more.

type Handler = TransferHandler<unknown, unknown>;

/** A thrown value, as Comlink sends it, with all of the error beside what it keeps. */
interface SentThrow {
  readonly isError: boolean;
  readonly value: unknown;
  readonly offloop?: PackedError;
}

let changed = false;

/** Change Comlink's handlers in this thread, once. */
export function changeHandlers(): void {
  if (changed) return;
  changed = true;
  change('throw', keepErrors);
  change('proxy', holdNothing);
}

function change(name: string, by: (handler: Handler) => Handler): void {
  const handler = transferHandlers.get(name);
  if (handler !== undefined) transferHandlers.set(name, by(handler));
}

/** Comlink keeps of an error its name, message and stack. */
function keepErrors(handler: Handler): Handler {
  return {
    canHandle: (value): value is unknown => handler.canHandle(value),
    serialize(thrown) {
      const [sent, transferables] = handler.serialize(thrown) as [SentThrow, Transferable[]];
      if (!sent.isError) return [sent, transferables];
      return [{ ...sent, offloop: packError((thrown as { readonly value: unknown }).value) }, transferables];
    },
    deserialize(sent) {
      const { offloop } = sent as SentThrow;
      if (offloop !== undefined) throw unpackError(offloop, 'the remote object');
      return handler.deserialize(sent);
    },
  };
}

/** The port of a callback that was handed out would hold the process until the other side lets go of it. */
function holdNothing(handler: Handler): Handler {
  return {
    canHandle: (value): value is unknown => handler.canHandle(value),
    serialize(object) {
      const { port1, port2 } = new MessageChannel();
      expose(object, port1);
      port1.unref();
      return [port2, [port2]];
    },
    deserialize: (port) => handler.deserialize(port),
  };
}
