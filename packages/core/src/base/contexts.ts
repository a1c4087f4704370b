import { AsyncLocalStorage, AsyncResource, executionAsyncResource } from 'node:async_hooks';
import { types } from 'node:util';

// Jobs that are started one behind the other, in a callback of the same port, share its context: run() of an AsyncLocalStorage
// puts back what was there before, enterWith() does not, nor does anything when a job is interrupted. Node has no way to put
// back all, but one to see all, which is not documented (and where it changes, what a job has left behind stays):
//
// - before Node 24 a storage keeps its store as a property of the resource that runs, here the port: it stays for all
//   callbacks of the port;
// - from Node 24 on, each callback has a map from storages to stores, which an AsyncResource that is made there takes along.

/** The property of a storage with its key, and the description of that. */
const propertyName = 'kResourceStore';
/** Does this Node keep them as properties? */
let asProperties: boolean | undefined;

/** Puts back what there was before the outermost call that runs, if one does. */
let putBack: (() => void) | undefined;

/** Call `fn`, and leave all contexts that it has entered and not left. */
export function keepingContexts<R>(fn: () => R): R {
  const outer = putBack;
  asProperties ??= propertyName in new AsyncLocalStorage();
  const restore = asProperties ? rememberProperties() : rememberMap();
  putBack = outer ?? restore;
  try {
    return fn();
  } finally {
    putBack = outer;
    restore();
  }
}

/**
 * What ran here was stopped and will not return. `isInside`: it was in the `run` of a storage, which does not put back either
 * what was there before; where nobody has remembered that, it was nothing.
 */
export function leaveContexts(isInside: boolean): void {
  if (putBack !== undefined) putBack();
  else if (isInside) forgetProperties();
  putBack = undefined;
}

function rememberProperties(): () => void {
  const resource = executionAsyncResource() as Record<symbol, unknown>;
  const keys = propertiesOf(resource);
  const stores = keys.map((key) => resource[key]);
  return () => {
    for (const key of propertiesOf(resource)) resource[key] = stores[keys.indexOf(key)];
  };
}

/** Where they are no properties, they are gone with the callback. */
function forgetProperties(): void {
  const resource = executionAsyncResource() as Record<symbol, unknown>;
  for (const key of propertiesOf(resource)) resource[key] = undefined;
}

function propertiesOf(resource: object): symbol[] {
  return Object.getOwnPropertySymbols(resource).filter((key) => key.description === propertyName);
}

type Frame = ReadonlyMap<AsyncLocalStorage<unknown>, unknown>;

const noFrame: Frame = new Map();
/** Where an AsyncResource has the map. */
let frameKey: symbol | undefined;

function rememberMap(): () => void {
  const before = currentFrame();
  return () => {
    for (const [storage, store] of currentFrame()) {
      const kept = before.get(storage);
      if (store !== kept) storage.enterWith(kept);
    }
  };
}

function currentFrame(): Frame {
  const probe = new AsyncResource('offloop.contexts') as unknown as Record<symbol, unknown>;
  frameKey ??= Object.getOwnPropertySymbols(probe).find(({ description }) => description === 'context_frame');
  const frame = frameKey === undefined ? undefined : probe[frameKey];
  return types.isMap(frame) ? (frame as Frame) : noFrame;
}
