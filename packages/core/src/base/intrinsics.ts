// What the runtime needs of the global object, captured when it loads: a job that later replaces a global
// (Promise, setTimeout, process.exit) breaks its own calls and nothing of the loop.

interface Intrinsics {
  readonly Promise: typeof Promise;
  readonly AbortController: typeof AbortController;
  readonly setTimeout: typeof setTimeout;
  readonly clearTimeout: typeof clearTimeout;
  readonly setImmediate: typeof setImmediate;
  /** Node makes an AsyncResource for each of these; see `soon`. */
  readonly queueMicrotask: typeof queueMicrotask;
  /** Call a function, which must not throw, in a microtask: half as dear. */
  readonly soon: (fn: () => void) => void;
  readonly structuredClone: typeof structuredClone;
  readonly nextTick: typeof process.nextTick;
  readonly exit: typeof process.exit;
  readonly kill: typeof process.kill;
  readonly emitWarning: typeof process.emitWarning;
}

const resolved = Promise.resolve();
// oxlint-disable-next-line typescript/unbound-method -- always called with a promise as `this`
const { then } = Promise.prototype;

export const intrinsics: Intrinsics = {
  Promise,
  AbortController,
  setTimeout,
  clearTimeout,
  setImmediate,
  queueMicrotask,
  soon: (fn) => void then.call(resolved, fn),
  structuredClone,
  nextTick: process.nextTick.bind(process),
  exit: process.exit.bind(process),
  kill: process.kill.bind(process),
  emitWarning: process.emitWarning.bind(process),
};
