import { byHand } from './clock.ts';

/**
 * Press Ctrl-C. The examples run with nobody at the keyboard, so at the right moment each sends the signal to itself;
 * with `BY_HAND=1` it does not, and waits for yours.
 */
export function pressCtrlC(): void {
  if (!byHand) process.kill(process.pid, 'SIGINT');
}
