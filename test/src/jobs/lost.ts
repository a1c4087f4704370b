// A job that not even terminate() ends.
import { execFileSync } from 'node:child_process';

/** `begun` is a file that is there when it blocks. */
export function blockOutsideOfJavaScript(begun: string, seconds: number): void {
  execFileSync('sh', ['-c', 'echo > "$0"; sleep "$1"', begun, String(seconds)]);
}
