import { OffloopError } from '../../index.ts';

/** Redis cannot be reached, or refuses what the list asks for; the message says why, `cause` is ioredis' error where there is one. */
export class RedisListError extends OffloopError {
  static {
    Object.defineProperty(this.prototype, 'name', { value: 'RedisListError' });
  }

  /** Redis is there, and said no. */
  get isRefusal(): boolean {
    return this.cause instanceof Error && this.cause.name === 'ReplyError';
  }

  constructor(message: string, options?: ErrorOptions) {
    super('OFFLOOP_REDIS_LIST', message, options);
  }
}
