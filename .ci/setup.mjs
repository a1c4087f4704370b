// Makes a fresh clone ready: installs the locked dependencies and builds, and does neither when nothing has changed.
// Needs only Node and npm; `npm start` and `npm test` call it first.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules', '.cache', 'offloop-installed');

const manifests = [
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'packages/core/package.json',
  'packages/examples/package.json',
  'test/package.json',
];
const hash = createHash('sha256').update(process.version.split('.')[0]);
for (const name of manifests) hash.update(readFileSync(join(root, name)));
const wanted = hash.digest('hex');

/** Run a command quietly; on failure print all that it said and end with its exit code. */
function step(what, command, args) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  if (done.status === 0) return;
  console.error(
    `${what} failed: ${command} ${args.join(' ')}\n${done.stdout ?? ''}${done.stderr ?? ''}${done.error ?? ''}`,
  );
  process.exit(done.status ?? 1);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`offloop needs Node 20.19 or later; this is ${process.version}`);
  process.exit(1);
}

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  console.error('setting up: installing the locked dependencies (once)');
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  step('install', 'npx', ['-y', packageManager, 'install', '--frozen-lockfile']);
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true });
  writeFileSync(stamp, wanted);
}
step('build', process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b']);
step('bundle', process.execPath, [join('packages', 'core', 'bundle.mjs')]);
