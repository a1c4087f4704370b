// What the consumers have in common: what they say, and how they end.
import { writeSync } from 'node:fs';

/** A line that has left the process when this returns. */
export function say(line: string): void {
  writeSync(1, `${line.replaceAll('\n', ' ')}\n`);
}

/** On SIGTERM, end in good order: the process must then end by itself. When whoever started it is gone, it ends at once. */
export function onTerminate(end: () => Promise<void>): void {
  process.stdin.once('end', () => process.exit(1)).resume();
  process.once('SIGTERM', () => {
    void end().then(() => process.stdin.destroy());
  });
}
