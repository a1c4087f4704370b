// A job that not even terminate() ends.
import { execSync } from 'node:child_process';

let calls = 0;

export function count(): number {
  return ++calls;
}

export function blockOutsideOfJavaScript(words: Int32Array, seconds: number): void {
  Atomics.add(words, 0, 1);
  execSync(`sleep ${seconds}`);
}
