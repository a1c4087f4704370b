import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { second } from './clock.ts';

/** The slow service that the tutorial's jobs call; dispose of it and nobody answers at `url` any more. */
export interface SmsService extends AsyncDisposable {
  readonly url: string;
}

/** `/<x>` answers `x It works` after x seconds, `/error` answers `error!` after 3. On a port of 127.0.0.1 that is free. */
export async function startSmsService(): Promise<SmsService> {
  const server = createServer((request, response) => void answer(request.url ?? '/', response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      // Kept-alive connections would hold the server, and with it the process.
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(path: string, response: ServerResponse): Promise<void> {
  const x = /^\/(\d+)$/.exec(path)?.[1];
  if (x === undefined && path !== '/error') {
    response.writeHead(404).end('not found');
    return;
  }
  await delay(Number(x ?? 3) * second);
  response.end(x === undefined ? 'error!' : `${x} It works`);
}
