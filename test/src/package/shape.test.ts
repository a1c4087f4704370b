import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { jobModule, WorkerLoop } from 'offloop';
import { expect, test } from 'vitest';

// What is shipped: few files, because each costs every program and every thread time; see packages/core/bundle.mjs.

const core = new URL('../../../packages/core/', import.meta.url);
const at = (name: string): URL => new URL(`../jobs/${name}.js`, import.meta.url);
const run = promisify(execFile);

const adapters = ['bullmq', 'comlink', 'piscina', 'redis', 'sqlite', 'sqlite-thread', 'tinypool'];

test('four files, the adapters with what they share, and what runs in the threads of other pools, small, without a dependency', () => {
  const names = readdirSync(new URL('dist/', core)).filter((name) => name.endsWith('.js'));
  const ours = ['index.js', 'shared.js', 'testing.js', 'worker.js', 'peer.js', 'adapters.js'];
  expect(new Set(names)).toEqual(new Set([...ours, ...adapters.map((name) => `${name}.js`)]));
  const sizes = new Map(names.map((name) => [name, statSync(new URL(`dist/${name}`, core)).size]));
  // Each thread reads the last two.
  expect((sizes.get('worker.js') ?? 0) + (sizes.get('shared.js') ?? 0)).toBeLessThan(163_000);
  expect([...sizes.values()].reduce((sum, size) => sum + size)).toBeLessThan(500_000);
  const manifest = JSON.parse(readFileSync(new URL('package.json', core), 'utf8')) as Record<string, unknown>;
  expect(manifest['dependencies']).toBeUndefined();
  const peers = Object.keys(manifest['peerDependencies'] as object);
  expect(peers.toSorted()).toEqual(['bullmq', 'comlink', 'ioredis', 'piscina', 'tinypool']);
  expect(manifest['peerDependenciesMeta']).toEqual(Object.fromEntries(peers.map((name) => [name, { optional: true }])));
});

test('the package holds the bundle, the declarations, and nothing else', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: fileURLToPath(core),
    shell: process.platform === 'win32',
  });
  const [pack] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const paths = pack.files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['dist/index.js', 'dist/worker.js', 'dist/types/index.d.ts']));
  const allowed = /^(package\.json|README\.md|LICENSE|dist\/[\w-]+\.js|dist\/types\/.+\.d\.ts)$/;
  expect(paths.filter((path) => !allowed.test(path))).toEqual([]);
});

test.each([
  ['offloop', ['index.js', 'shared.js']],
  ['offloop/testing', ['shared.js', 'testing.js']],
  ['offloop/comlink', ['comlink.js', 'comlink.js', 'index.js', 'shared.js']],
])('importing %s loads %j', async (name, files) => {
  const hook = `import { writeSync } from 'node:fs';
    export async function load(url, context, next) {
      if (url.startsWith('file:')) writeSync(1, url + '\\n');
      return next(url, context);
    }`;
  const program = `import { register } from 'node:module';
    register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)});
    await import(${JSON.stringify(name)});`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  const loaded = stdout.trim().split('\n');
  expect(loaded.map((url) => url.slice(url.lastIndexOf('/') + 1)).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(files);
});

// A live AsyncLocalStorage slows every promise of a thread on Node 20 and 22.
test('a thread has an AsyncLocalStorage once a job module imports offloop, and not before', async () => {
  const count = `const hooks = process.getBuiltinModule('node:async_hooks');
    globalThis.storages = 0;
    class Counted extends hooks.AsyncLocalStorage {
      constructor() { super(); globalThis.storages++; }
    }
    Object.defineProperty(hooks, 'AsyncLocalStorage', { value: Counted });
    process.getBuiltinModule('node:module').syncBuiltinESMExports();`;
  const preload = `data:text/javascript,${encodeURIComponent(count)}`;
  await using loop = new WorkerLoop({ execArgv: ['--import', preload] });
  const plain = jobModule<typeof import('../jobs/storages.js')>(at('storages'));
  const followed = jobModule<typeof import('../jobs/storages-followed.js')>(at('storages-followed'));
  expect(await loop.run(plain.storages())).toBe(0);
  // The same loop, task and classes as those of the runtime that worker.js has started.
  expect(await loop.run(followed.nameAfterAwait())).toMatch(/nameAfterAwait/);
  expect(await loop.run(plain.storages())).toBe(1);
});
