// A job module: sends messages through the service. It runs on the gateway's loop, many jobs at a time.
import { currentTask, Drop } from 'offloop';

import type { Message, Receipt } from './message.ts';
import { pathOf } from './payload.ts';

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

/**
 * Send what came from a queue. Throws when it was not sent, to be tried again; `Drop` when the service says that this is of no
 * use. `key` is the same whenever the message is delivered again: a service that heeds it sends nothing twice.
 */
export async function deliver(service: string, payload: unknown, key: string): Promise<void> {
  const { signal } = currentTask();
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  const init = { method: 'POST', body: JSON.stringify(payload), headers, signal };
  const response = await fetch(service + pathOf(payload), init);
  await response.arrayBuffer();
  if (response.ok) return;
  const { status } = response;
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  throw isFinal ? new Drop(`the service refused it for good (${status})`) : new Error(`the service failed (${status})`);
}

/** Tell the service's owner of a message that was given up. */
export async function raiseAlarm(service: string, id: string): Promise<void> {
  const { signal } = currentTask();
  if (!(await ask(`${service}/error`, { headers: { 'idempotency-key': id }, signal })))
    throw new Error('the service refused the alert');
}

/** True for an answer of 2xx. The body is read to its end, or the connection could not be used again. */
async function ask(url: string, init: RequestInit): Promise<boolean> {
  const response = await fetch(url, init);
  await response.arrayBuffer();
  return response.ok;
}
