// A TCP proxy before a Redis that swallows replies: the worst moment for a connection to fail, since the command was done.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What a connection tells of itself: to lose the reply of that is no harm. */
const harmless = new Set(['auth', 'client', 'hello', 'info', 'ping', 'quit', 'select']);

export interface ReplyDropperOptions {
  /** Chooses a request whose reply is to be lost, by its command and its number among those that are not harmless (0: it is). */
  readonly loses?: (command: string, number: number) => boolean;
  /** What becomes of the connection: it ends, or stays open without a word. Default `'cut'`. */
  readonly ending?: 'cut' | 'silent';
}

export class ReplyDropper implements AsyncDisposable {
  /** How many replies were dropped, by the command that they were for. */
  readonly dropped: Map<string, number> = new Map();
  /** Requests so far that are not harmless, of all connections. */
  requests = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: number;
  readonly #options: ReplyDropperOptions;
  #wanted = 0;

  private constructor(target: number, options: ReplyDropperOptions) {
    this.#target = target;
    this.#options = options;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Take connections on a free port, and make one to `target` for each. */
  static async open(target: number, options: ReplyDropperOptions = {}): Promise<ReplyDropper> {
    const proxy = new ReplyDropper(target, options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get count(): number {
    return [...this.dropped.values()].reduce((sum, each) => sum + each, 0);
  }

  /** Have the next reply, on whichever connection it comes, dropped. */
  drop(): void {
    this.#wanted++;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const { loses, ending = 'cut' } = this.#options;
    const server = connect(this.#target, '127.0.0.1');
    const both = [client, server];
    let command = '';
    let isLosing = false;
    const end = (): void => {
      for (const socket of both) {
        socket.destroy();
        this.#sockets.delete(socket);
      }
    };
    for (const socket of both) {
      this.#sockets.add(socket);
      socket.setNoDelay(true).on('error', end).on('close', end);
    }
    client.on('data', (chunk: Buffer) => {
      const last = lastCommandOf(chunk);
      if (last !== undefined) {
        command = last;
        isLosing ||= loses?.(command, harmless.has(command) ? 0 : ++this.requests) === true;
      }
      server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      const isHit = this.#wanted > 0 && command !== '' && !harmless.has(command);
      if (!isLosing && !isHit) {
        client.write(chunk);
        return;
      }
      if (!isLosing) this.#wanted--;
      isLosing = true;
      this.dropped.set(command, (this.dropped.get(command) ?? 0) + 1);
      if (ending === 'cut') end();
    });
  }
}

/** As clients write commands: an array of strings, the name first. */
function lastCommandOf(chunk: Buffer): string | undefined {
  const names = [...chunk.toString('latin1').matchAll(/\*\d+\r\n\$\d+\r\n([a-z]+)\r\n/gi)];
  return names.at(-1)?.[1]?.toLowerCase();
}
