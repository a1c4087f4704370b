// A job that not even terminate() ends.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** `begun` is a file that is there when it blocks. */
export function blockOutsideOfJavaScript(begun: string, seconds: number): void {
  execFileSync('sh', ['-c', 'echo > "$0"; sleep "$1"', begun, String(seconds)]);
}

/** Node 24 and 26 cannot terminate this. */
export function allocateForever(begun: string): never {
  writeFileSync(begun, '');
  // oxlint-disable-next-line unicorn/no-new-array, unicorn/no-array-fill-with-reference-type -- this very expression
  for (;;) new Array(1000).fill({});
}
