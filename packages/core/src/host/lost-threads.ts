/** Threads of this process that have ignored their termination: `execSync` and the like, or a loop that Node cannot stop. */
let lost = 0;

/** How many threads have ignored their termination. */
export function lostThreads(): number {
  return lost;
}

/** A thread never ends; see exit-hook.ts for what that means at exit. */
export function countLostThread(): void {
  lost++;
}
