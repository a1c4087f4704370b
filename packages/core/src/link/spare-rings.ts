import { makeRing } from './ring.ts';

/** So many are kept, of eight loops: who restarts more at a time makes new ones. */
const most = 16;

const spare: SharedArrayBuffer[] = [];

/** A ring that was used before, if there is one, else a new one: those that are dropped wait for a garbage collection, which counts none of their bytes. */
export function takeRing(): SharedArrayBuffer {
  return spare.pop() ?? makeRing();
}

/** Nobody has it any more: the thread at its other end has surely ended. */
export function giveBackRing(ring: SharedArrayBuffer): void {
  if (spare.length >= most) return;
  wipe(ring);
  spare.push(ring);
}

const zeros = Buffer.alloc(2 ** 14);

/** As new. What was never written to is not touched, since it takes no memory yet. */
function wipe(ring: SharedArrayBuffer): void {
  const bytes = Buffer.from(ring as unknown as ArrayBuffer);
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const end = Math.min(bytes.length, at + zeros.length);
    if (bytes.compare(zeros, 0, end - at, at, end) !== 0) bytes.fill(0, at, end);
  }
}
