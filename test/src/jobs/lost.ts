// A job that not even terminate() ends.
import { execSync } from 'node:child_process';

let calls = 0;

export function count(): number {
  return ++calls;
}

export function blockOutsideOfJavaScript(seconds: number): void {
  execSync(`sleep ${seconds}`);
}
