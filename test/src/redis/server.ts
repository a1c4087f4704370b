// A real redis-server of a test's own, which is the one that `npm run chaos` has.
import { hasRedisServer } from '../../../packages/examples/dist/chaos/redis-server.js';

export { RedisServer } from '../../../packages/examples/dist/chaos/redis-server.js';

/** Without redis-server the tests that want one are skipped, and say so; in CI they fail. */
export const hasRedis: boolean = hasRedisServer();
if (!hasRedis) {
  const text = 'there is no redis-server here: the tests with a real Redis are skipped (apt-get install redis-server)';
  if (process.env['CI'] !== undefined) throw new Error(text);
  console.warn(text);
}
