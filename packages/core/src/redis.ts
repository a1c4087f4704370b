// offloop/redis: a plain Redis list as a source.
export { RedisListError } from './adapters/redis/errors.ts';
export { redisList, type RedisList, type RedisListStats } from './adapters/redis/list.ts';
export type { RedisListOptions } from './adapters/redis/options.ts';
