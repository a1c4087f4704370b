/** `BY_HAND=1`: a second lasts a second, and it is you who presses Ctrl-C. */
export const byHand: boolean = process.env['BY_HAND'] === '1';

/** What one second of the tutorial lasts, in milliseconds. Only the waiting is scaled: the texts keep the tutorial's numbers. */
export const second: number = Number(process.env['SECOND_MS'] ?? (byHand ? 1000 : 100));

/** Starts now; each call gives the real seconds since then. */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => Math.round(performance.now() - start) / 1000;
}

/** Block the whole thread for `x` seconds, as Python's `time.sleep`. */
export function block(x: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, x * second);
}
