import type { Redis, RedisOptions } from 'ioredis';

import { RedisListError } from './errors.ts';

/** What opening a connection may take, until Redis has said that it is ready. */
const openMs = 5000;

/** What a connection of ours is, whatever the user's own client is: one try, and all that was under way fails when it ends. */
export const connectionOptions: Omit<RedisOptions, 'replyMapping'> = {
  lazyConnect: true,
  retryStrategy: () => null,
  reconnectOnError: null,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: null,
  enableAutoPipelining: false,
  commandTimeout: undefined,
  connectTimeout: openMs,
  // Its timer would hold the process, also where the stream has closed already.
  disconnectTimeout: 0,
  stringNumbers: false,
  monitor: false,
};

export interface ConnectionHost {
  /** For errors: whose connection it is. */
  readonly name: string;
  /** Make a client, with `connectionOptions`. */
  readonly connect: () => Redis;
  /** It was open, and ended without our doing. */
  readonly onLost?: (error: RedisListError) => void;
  /** It does not hold the process while nobody waits for an answer. */
  readonly isDaemon?: boolean;
}

/*
 *   closed ── call ──► opening ── ready ──► open ── lost, late, cut ──► closed
 *     ▲                   │ it fails                                      │
 *     └───────────────────┴───────────────────────────────────────────────┘
 */

/** One connection to Redis at a time, opened when it is used, with a client of its own each time: no reply is ever taken for another's. */
export class Connection {
  readonly #host: ConnectionHost;
  #client: Redis | undefined;
  #opening: Promise<Redis> | undefined;
  #calls = 0;
  #isClosed = false;
  /** What the client said last. */
  #error: Error | undefined;

  constructor(host: ConnectionHost) {
    this.#host = host;
  }

  get isOpen(): boolean {
    return this.#client?.status === 'ready';
  }

  /** Do something with the client. Rejects with RedisListError; after `limitMs` the connection is cut, since nobody knows its state. */
  async call<R>(limitMs: number, work: (client: Redis) => Promise<R>): Promise<R> {
    this.#calls++;
    this.#holdProcess();
    let inTime: (() => void) | undefined;
    let isLate = false;
    try {
      const client = this.isOpen ? (this.#client as Redis) : await (this.#opening ??= this.#open());
      inTime = unlessInTime(limitMs, () => {
        isLate = true;
        // Who waits for the answer is told, and nobody else.
        if (this.#client === client) this.cut();
        else cut(client);
      });
      return await work(client);
    } catch (error) {
      throw isLate ? this.#late(limitMs) : this.#explain(error);
    } finally {
      inTime?.();
      this.#calls--;
      this.#holdProcess();
    }
  }

  /** Cut it, whatever is under way; the next call opens it again. */
  cut(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#opening = undefined;
    if (client !== undefined) cut(client);
  }

  close(): void {
    this.#isClosed = true;
    this.cut();
  }

  async #open(): Promise<Redis> {
    if (this.#isClosed) throw new RedisListError(`${this.#host.name} is closed`);
    const client = this.#host.connect();
    this.#client = client;
    this.#error = undefined;
    client.on('error', (error: Error) => {
      this.#error = error;
    });
    let isConnected = false;
    client.on('connect', () => {
      isConnected = true;
      this.#holdProcess();
    });
    let wasReady = false;
    client.once('close', () => {
      if (this.#client !== client) return;
      this.#client = undefined;
      if (wasReady && !this.#isClosed) this.#host.onLost?.(this.#explain(new Error('the connection was closed')));
    });
    let isLate = false;
    const inTime = unlessInTime(openMs, () => {
      isLate = true;
      cut(client);
    });
    try {
      await client.connect();
      wasReady = true;
      return client;
    } catch (error) {
      cut(client);
      const isTls = client.options.tls !== undefined;
      if (isLate) throw this.#late(openMs, isTls && !isConnected ? wantsNoTls : '');
      throw this.#explain(error, this.#isClosed ? '' : tlsHint(isTls, isConnected, this.#error ?? error));
    } finally {
      inTime();
      if (this.#client === client || this.#client === undefined) this.#opening = undefined;
    }
  }

  #holdProcess(): void {
    if (this.#host.isDaemon !== true) return;
    const stream = this.#client?.stream;
    if (this.#calls > 0) stream?.ref?.();
    else stream?.unref?.();
  }

  #late(limitMs: number, hint: string = ''): RedisListError {
    return new RedisListError(`${this.#host.name}: Redis did not answer within ${limitMs} ms${hint}`);
  }

  #explain(error: unknown, hint: string = ''): RedisListError {
    if (error instanceof RedisListError) return error;
    const { name } = this.#host;
    if (error instanceof Error && error.name === 'ReplyError') {
      // A server that has become a replica: there may be another one behind the address by now.
      if (error.message.startsWith('READONLY')) this.cut();
      return new RedisListError(`${name}: Redis refuses it: ${error.message}`, { cause: error });
    }
    const cause = this.#error ?? error;
    return new RedisListError(`${name} cannot reach Redis: ${textOf(cause)}${hint}`, { cause });
  }
}

/**
 * Call `late` after so long, unless the function that it gives was called. A thread that was blocked for that time finds its timer due
 * and the answer there, and the timer comes first: so what has arrived has its turn before it is called late.
 */
function unlessInTime(ms: number, late: () => void): () => void {
  let isInTime = false;
  const look = (): void => {
    if (!isInTime) late();
  };
  const timer = setTimeout(() => void setImmediate(look), ms);
  return () => {
    isInTime = true;
    clearTimeout(timer);
  };
}

function cut(client: Redis): void {
  client.disconnect();
  // Ending it politely waits for an answer.
  client.stream?.destroy();
}

// When one side speaks TLS and the other does not, each waits for the other, or one hangs up, and none says why.
const wantsNoTls =
  "; TLS was asked for (rediss://, or a client's option tls): check that this port speaks it (else the url begins with redis://), " +
  'and that Node trusts its certificate (NODE_EXTRA_CA_CERTS)';
const wantsTls =
  '; it ended the connection before it said anything: check whether this port speaks TLS (then the url begins with rediss://)';

/** What else to look at when the connection broke off before Redis was ready. With TLS, it is connected after the handshake. */
function tlsHint(isTls: boolean, isConnected: boolean, cause: unknown): string {
  if (!isTls) return isConnected ? wantsTls : '';
  // Nobody listens there (at all addresses of a name), or the name is unknown: it did not come to a handshake.
  const { syscall, errors = [] } = cause as { readonly syscall?: string; readonly errors?: NodeJS.ErrnoException[] };
  const failed = syscall ?? errors[0]?.syscall ?? '';
  return isConnected || ['connect', 'getaddrinfo'].includes(failed) ? '' : wantsNoTls;
}

function textOf(error: unknown): string {
  const { message, code } = error as { readonly message?: string; readonly code?: string };
  // Node's AggregateError, of all addresses of a name, has no message.
  return message === undefined || message === '' ? (code ?? String(error)) : message;
}
