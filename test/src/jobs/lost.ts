// A job that not even terminate() ends.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** `begun` is a file that is there when it blocks. */
export function blockOutsideOfJavaScript(begun: string, seconds: number): void {
  execFileSync('sh', ['-c', 'echo > "$0"; sleep "$1"', begun, String(seconds)]);
}

/** The same until there is the file `end`, but not for ever. */
export function blockOutsideUntil(begun: string, end: string): void {
  const wait = 'echo > "$0"; for i in $(seq 1000); do [ -e "$1" ] && exit; sleep 0.02; done';
  execFileSync('sh', ['-c', wait, begun, end]);
}

/** Node 24 and 26 cannot terminate this. */
export function allocateForever(begun: string): never {
  writeFileSync(begun, '');
  // oxlint-disable-next-line unicorn/no-new-array, unicorn/no-array-fill-with-reference-type -- this very expression
  for (;;) new Array(1000).fill({});
}
