// Does not import offloop: its thread follows no tasks. See test/src/package/shape.test.ts, which counts.

export function storages(): number {
  return (globalThis as { storages?: number }).storages ?? 0;
}
