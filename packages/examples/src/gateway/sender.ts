// A job module: sends messages through the service. It runs on the gateway's loop, many jobs at a time.
import { currentTask } from 'offloop';

import type { Message, Receipt } from './message.ts';

/** Open the connections before anything is measured. */
export async function connect(service: string, connections: number): Promise<void> {
  const { signal } = currentTask();
  await Promise.all(Array.from({ length: connections }, () => ask(`${service}/health`, { signal })));
}

/**
 * Send one message. When the service refuses it or cannot be reached, raise the alarm; when that fails too, throw.
 * Cancelled, it stops at once; the service may have got the message by then.
 */
export async function send(service: string, message: Message): Promise<Receipt> {
  const { signal } = currentTask();
  const began = performance.now();
  const isSent = await ask(`${service}/${message.id}`, { method: 'POST', body: JSON.stringify(message), signal }).catch(
    (error: unknown) => {
      if (signal.aborted) throw error;
      return false;
    },
  );
  const ms = performance.now() - began;
  if (!isSent && !(await ask(`${service}/error`, { signal })))
    throw new Error(`message ${message.id} was not sent, and the alert was refused`);
  return { id: message.id, isSent, isAlerted: !isSent, ms };
}

/** True for an answer of 2xx. The body is read to its end, or the connection could not be used again. */
async function ask(url: string, init: RequestInit): Promise<boolean> {
  const response = await fetch(url, init);
  await response.arrayBuffer();
  return response.ok;
}
