export function noop(n: number): number {
  return n;
}
