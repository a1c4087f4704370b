let zeros: number[] = [0, 0, 0, 0, 0, 0, 0, 0];

/**
 * An array of so many zeros, to be overwritten. It has its elements from the beginning: writing them asks no prototype (a
 * setter there for an index would be called by push), and it is packed, not holey, which structured clone, for one, copies
 * several times faster.
 */
export function packedArray(length: number): unknown[] {
  while (zeros.length < length) zeros = zeros.concat(zeros);
  return zeros.slice(0, length);
}
