import { intrinsics } from '../base/intrinsics.ts';

/** Threads of this process that have ignored their termination: `execSync` and the like, or a loop that Node cannot stop. */
let lost = 0;

/** How many threads have ignored their termination. */
export function lostThreads(): number {
  return lost;
}

/**
 * Count a thread that never ends. Node joins its threads at exit, so the process would hang there: from now on it is replaced
 * when it exits, by a shell that ends with its exit code at once, or where Node cannot do that (before 22.15), is killed.
 */
export function countLostThread(): void {
  if (lost++ === 0) process.once('exit', leave);
}

function leave(code: number): void {
  const { execve } = process as { execve?: (file: string, args: string[], env: NodeJS.ProcessEnv) => void };
  try {
    process.removeAllListeners('warning');
    if (process.platform !== 'win32') execve?.call(process, '/bin/sh', ['sh', '-c', `exit ${Number(code) & 255}`], {});
  } catch {
    // No shell there.
  }
  intrinsics.kill(process.pid, 'SIGKILL');
}
