// What the runtime needs of the global object, captured when it loads: a job that later replaces a global
// (Promise, setTimeout, process.exit) breaks its own calls and nothing of the loop.

interface Intrinsics {
  readonly Promise: typeof Promise;
  readonly AbortController: typeof AbortController;
  readonly setTimeout: typeof setTimeout;
  readonly clearTimeout: typeof clearTimeout;
  readonly setImmediate: typeof setImmediate;
  readonly queueMicrotask: typeof queueMicrotask;
  readonly structuredClone: typeof structuredClone;
  readonly nextTick: typeof process.nextTick;
  readonly exit: typeof process.exit;
  readonly kill: typeof process.kill;
  readonly emitWarning: typeof process.emitWarning;
}

export const intrinsics: Intrinsics = {
  Promise,
  AbortController,
  setTimeout,
  clearTimeout,
  setImmediate,
  queueMicrotask,
  structuredClone,
  nextTick: process.nextTick.bind(process),
  exit: process.exit.bind(process),
  kill: process.kill.bind(process),
  emitWarning: process.emitWarning.bind(process),
};
