// A command of packages/examples, run to its end as `npm run` does.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a command ended. */
export interface Ending {
  /** Its exit code; text when it was killed. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calling it runs the command with these arguments; after `limitMs` it is killed. Never rejects: its end is for the test to judge. */
export function commandOf(
  name: 'bench' | 'chaos' | 'faults' | 'soak',
  limitMs: number,
): (...args: readonly string[]) => Promise<Ending> {
  const main = fileURLToPath(new URL(`../../../packages/examples/dist/${name}/main.js`, import.meta.url));
  return (...args) =>
    new Promise((resolve) => {
      execFile(process.execPath, [main, ...args], { timeout: limitMs }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : (error.code ?? 'killed'), stdout, stderr }),
      );
    });
}
