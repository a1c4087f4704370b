import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { jobModule, type LoopPool } from 'offloop';

import { parse } from './traceparent.ts';
import { traced } from './tracing.ts';

const jobs = jobModule<typeof import('./jobs.ts')>(new URL('./jobs.js', import.meta.url));

/** A server, and where it listens. */
export interface Service extends AsyncDisposable {
  readonly url: string;
}

/** The other service: it answers with the trace of the request that has reached it. */
export function openStore(): Promise<Service> {
  return listen((request, response) => {
    request.resume();
    response.end(JSON.stringify({ trace: parse(request.headers.traceparent)?.traceId }));
  });
}

/** The service: each request runs in its trace, and so do the jobs that it schedules on the pool. */
export function openService(pool: LoopPool, store: string): Promise<Service> {
  return listen((request, response) => {
    void traced(request.headers.traceparent, async () => {
      try {
        const body = await text(request);
        pool.run(jobs.tidyUp(body));
        response.end(JSON.stringify(await pool.run(jobs.digestAndStore(body, store))));
      } catch (error) {
        response.writeHead(500).end(String(error));
      }
    });
  });
}

async function listen(answer: RequestListener): Promise<Service> {
  const server: Server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
