import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

const here = fileURLToPath(new URL('.', import.meta.url));

// The tests are compiled with everything else (tsc -b) and run from dist: what is tested is what is shipped.
export default defineConfig({
  root: here,
  resolve: { alias: { 'offloop-internal': fileURLToPath(new URL('../packages/core/build', import.meta.url)) } },
  test: {
    include: ['dist/**/*.test.js'],
    pool: 'forks',
    maxWorkers: Math.min(2, availableParallelism()),
    // Far above what any needs, so that only a hang gets there: a machine may be ten times slower than usual.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    server: { deps: { external: [/packages\/core\/(dist|build)/, /test\/dist\/jobs/] } },
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
