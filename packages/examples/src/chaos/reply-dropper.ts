// A TCP proxy before a Redis that swallows replies: the worst moment for a connection to end, since the command was done.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What a connection tells of itself: to lose the reply of that is no harm. */
const harmless = new Set(['auth', 'client', 'hello', 'info', 'ping', 'quit', 'select']);

export class ReplyDropper implements AsyncDisposable {
  /** How many replies were dropped, by the command that they were for. */
  readonly dropped: Map<string, number> = new Map();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: number;
  #wanted = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Take connections on a free port, and make one to `target` for each. */
  static async open(target: number): Promise<ReplyDropper> {
    const proxy = new ReplyDropper(target);
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

  /** Have the next reply, on whichever connection it comes, dropped: the connection ends in its place. */
  drop(): void {
    this.#wanted++;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    const both = [client, server];
    let command = '';
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
      command = lastCommandOf(chunk) ?? command;
      server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      if (this.#wanted === 0 || command === '' || harmless.has(command)) client.write(chunk);
      else {
        this.#wanted--;
        this.dropped.set(command, (this.dropped.get(command) ?? 0) + 1);
        end();
      }
    });
  }
}

/** As clients write commands: an array of strings, the name first. */
function lastCommandOf(chunk: Buffer): string | undefined {
  const names = [...chunk.toString('latin1').matchAll(/\*\d+\r\n\$\d+\r\n([a-z]+)\r\n/gi)];
  return names.at(-1)?.[1]?.toLowerCase();
}
