// A job module: the SMS service, in a loop of its own. The server lives in the module, and so between the jobs.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One message in so many is refused, always the same ones. */
const refusedEvery = 25;

let alerts = 0;

/** The keys of messages that were sent. */
const sentKeys = new Set<string>();
/** Then it forgets the oldest. */
const mostKeys = 100_000;

/** Start the service; it takes `seconds` for a message. Returns its address. */
export async function serve(seconds: number): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    answer(request, response, seconds);
  });
  // The server must not be the one who closes an idle connection: a message just sent on it would be lost.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** How many alerts the service has received since it was started. */
export function countAlerts(): number {
  return alerts;
}

/**
 * `/<id>` sends a message, `/wait/<seconds>` one that takes so long, `/error` raises the alarm, `/health` says that the service is there.
 * With a key that was sent already, nothing is sent again.
 */
function answer(request: IncomingMessage, response: ServerResponse, seconds: number): void {
  const path = request.url ?? '/';
  const id = /^\/(\d+)$/.exec(path)?.[1];
  const wait = /^\/wait\/([\d.e-]+)$/.exec(path)?.[1];
  if (id !== undefined) {
    const status = Number(id) % refusedEvery === 0 ? 500 : 200;
    send(request, response, seconds, status);
  } else if (wait !== undefined) send(request, response, Number(wait), 200);
  else if (path === '/error') end(response, 200, `alert ${++alerts}`);
  else end(response, path === '/health' ? 200 : 404, path);
}

function send({ headers }: IncomingMessage, response: ServerResponse, seconds: number, status: number): void {
  const key = headers['idempotency-key'] as string | undefined;
  if (key !== undefined && sentKeys.has(key)) {
    end(response, 200, 'sent already');
    return;
  }
  setTimeout(() => {
    if (key !== undefined && status === 200) remember(key);
    end(response, status, status === 200 ? 'sent' : 'failed');
  }, seconds * 1000);
}

function remember(key: string): void {
  sentKeys.add(key);
  const [oldest] = sentKeys;
  if (sentKeys.size > mostKeys && oldest !== undefined) sentKeys.delete(oldest);
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
}
