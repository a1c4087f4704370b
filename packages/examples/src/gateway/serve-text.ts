import type { DeadLetter } from 'offloop';

import type { ServeOptions } from './options.ts';
import { shown } from './payload.ts';

/** What has become of the messages so far. */
export interface Work {
  readonly sent: number;
  /** Attempts that failed. */
  readonly failed: number;
  /** Messages that another gateway got while they were in flight here. */
  readonly lost: number;
  readonly givenUp: number;
  /** Of the given up, those that the service's owner was told of. */
  readonly alerts: number;
  readonly active: number;
  /** Attempts that began and did not end; when it is closed: those that were given back. */
  readonly open: number;
}

/** The first line. */
export function servingText(queue: string, { concurrency, attempts, service }: ServeOptions): string {
  const to = service ?? 'a service of its own';
  return `SMS gateway: ${queue}; up to ${concurrency} at a time to ${to}, ${plural(attempts, 'attempt')} each`;
}

/** The queue can be reached. */
export function upText(queue: string): string {
  return `serving ${queue}; Ctrl-C ends it`;
}

/** It was asked to stop. */
export function stoppingText(active: number): string {
  const rest = active === 0 ? 'none is in flight' : `waiting for ${active} in flight; Ctrl-C again gives them back`;
  return `no more messages are taken; ${rest}`;
}

/** Something went wrong that is not one attempt's. */
export function troubleText(error: unknown, origin?: string, id?: string): string {
  const text = reasonOf(error);
  if (origin === 'source') return `the queue cannot be reached, trying again: ${text}`;
  if (origin === 'lease') return `message ${id} went to another consumer: ${text}`;
  if (origin === 'onGiveUp') return `the alert for message ${id} failed: ${text}`;
  return `trouble: ${text}`;
}

export function givenUpText({ id, data, raw, attempt, error }: DeadLetter<unknown>): string {
  const reason = reasonOf(error);
  const which = reason.includes(id) ? '' : `, message ${id}`;
  return `given up after ${plural(attempt, 'attempt')}: ${shown(data ?? raw)}${which}: ${reason}`;
}

/** The live line. */
export function workText({ sent, failed, givenUp, active }: Work, lastFailure: unknown): string {
  const last = failed === 0 ? '' : `; the last failure: ${reasonOf(lastFailure)}`;
  return `  ${sent} sent, ${givenUp} given up, ${active} in flight, ${plural(failed, 'failed attempt')}${last}`;
}

/** The last lines. Every message that was taken is in one of the counts. */
export function servedText(cause: Error | undefined, queue: string, work: Work, waiting: number | undefined): string[] {
  const { sent, givenUp, alerts, failed, open, lost } = work;
  return [
    cause?.message ?? 'ended',
    `    ${sent} sent, ${givenUp} given up (${plural(alerts, 'alert')}), ${plural(failed, 'failed attempt')}, ${open} given back in flight, ${lost} lost to others`,
    waiting === undefined ? `    ${queue} cannot be asked what waits there` : `    ${waiting} waiting in ${queue}`,
    ...(open === 0 ? [] : ['    the service may have got those in flight: they are sent again, with the same key']),
  ];
}

/** Node's `fetch failed` says nothing without its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  const why = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : undefined;
  return why === undefined || message.includes(why) ? message : `${message}: ${why}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
