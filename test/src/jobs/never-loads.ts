// A top-level await that never settles.
await new Promise(() => {});

export function unreachable(): number {
  return 1;
}
