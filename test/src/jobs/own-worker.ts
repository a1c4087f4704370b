// A user's own worker file, as a bundled program has it. It keeps the port of the link where jobs of this module can find
// it, to do what no honest program does.
import { MessagePort, parentPort } from 'node:worker_threads';

import 'offloop/worker';

let link: MessagePort | undefined;
const heard: unknown[] = [];
let onHeard: (() => void) | undefined;
parentPort?.on('message', (message: { port?: unknown } | null) => {
  if (message?.port instanceof MessagePort) link = message.port;
  else {
    heard.push(message);
    onHeard?.();
  }
});

function port(): MessagePort {
  if (link === undefined) throw new Error('the link has not begun');
  return link;
}

export function postGarbage(garbage: readonly unknown[]): number {
  for (const each of garbage) port().postMessage(each);
  return garbage.length;
}

/** Cut the link, and stay busy. */
export function cutLink(): void {
  setInterval(() => {}, 1000);
  port().close();
}

/** What it has sent on the parent port, when there is something: that port and the link's are not ordered. */
export async function heardFromOwner(): Promise<unknown[]> {
  if (heard.length === 0) await new Promise<void>((resolve) => void (onHeard = resolve));
  parentPort?.postMessage({ heard: heard.length });
  return heard;
}
