// Stands between clients and Redis, and loses the reply to chosen requests, after Redis has done what they ask for.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What becomes of a connection whose reply is lost: it ends, or stays open without a word. */
export type Ending = 'cut' | 'silent';

export type Loses = (request: string, number: number) => boolean;

export class LossyProxy implements AsyncDisposable {
  /** Requests so far, of all connections. */
  requests = 0;
  lost = 0;
  readonly #server: Server;
  readonly #target: number;
  readonly #ending: Ending;
  readonly #loses: Loses;
  readonly #counts: RegExp;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number, ending: Ending, loses: Loses, counts: RegExp) {
    this.#target = target;
    this.#ending = ending;
    this.#loses = loses;
    this.#counts = counts;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** `counts`: which requests are counted, and may lose their replies; those of the handshake do not, unless it says so. */
  static async open(
    target: number,
    ending: Ending,
    loses: Loses,
    counts: RegExp = /blmove|evalsha|eval\r|hmget/i,
  ): Promise<LossyProxy> {
    const proxy = new LossyProxy(target, ending, loses, counts);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #serve(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    let isLosing = false;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        if (!isLosing || socket === client) (socket === client ? server : client).destroy();
      });
    }
    client.on('data', (data: Buffer) => {
      const text = data.toString();
      if (this.#counts.test(text) && this.#loses(text, ++this.requests)) isLosing = true;
      server.write(data);
    });
    server.on('data', (data: Buffer) => {
      if (!isLosing) {
        client.write(data);
        return;
      }
      this.lost++;
      if (this.#ending === 'cut') client.destroy();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
