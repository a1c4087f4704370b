// The SMS service of the tests: it remembers what it was asked, so that a message that was sent twice is seen.
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Request {
  readonly path: string;
  readonly key: string;
}

export class SmsService implements AsyncDisposable {
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();
  /** Every request for a message that has come in. */
  readonly begun: Request[] = [];
  /** Those that were answered with success. */
  readonly sent: Request[] = [];
  /** The keys of the alerts. */
  readonly alerts: string[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      request.resume();
      this.#answer({ path: request.url ?? '', key: String(request.headers['idempotency-key']) }, response);
    });
    this.#server.keepAliveTimeout = 0;
  }

  static async open(): Promise<SmsService> {
    const service = new SmsService();
    await once(service.#server.listen(0, '127.0.0.1'), 'listening');
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves as soon as the condition holds, which is looked at with every request and every answer. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** `/<id>` at once, refused for good where it is 404 and for now where a multiple of 25; `/wait/<s>` after so many seconds. */
  #answer(request: Request, response: ServerResponse): void {
    const { path, key } = request;
    if (path === '/error') {
      this.alerts.push(key);
      this.#end(response, 200);
      return;
    }
    this.begun.push(request);
    const seconds = /^\/wait\/(.*)$/.exec(path)?.[1];
    if (seconds !== undefined) setTimeout(() => this.#sent(request, response), Number(seconds) * 1000);
    else if (path === '/404') this.#end(response, 404);
    else if (Number(path.slice(1)) % 25 === 0) this.#end(response, 500);
    else this.#sent(request, response);
    this.#look();
  }

  #sent(request: Request, response: ServerResponse): void {
    if (!response.destroyed) this.sent.push(request);
    this.#end(response, 200);
  }

  #end(response: ServerResponse, status: number): void {
    response.writeHead(status).end();
    this.#look();
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }
}
