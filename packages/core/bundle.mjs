// Makes what is shipped, dist/*.js, out of build/, which `tsc -b` has written: five files in place of seventy, because each
// file that Node loads costs a good half millisecond, once per thread. Names and line breaks stay: stack traces are read.
// What index, worker, testing and peer have in common goes into shared.js, so that every state exists once per thread.
// Does nothing when nothing has changed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const [build, dist] = [join(here, 'build'), join(here, 'dist')];
const stamp = join(build, '.bundled');

const hash = createHash('sha256');
const inputs = readdirSync(build, { recursive: true }).filter((name) => name.endsWith('.js'));
for (const name of inputs) hash.update(name).update(readFileSync(join(build, name)));
for (const name of ['bundle.mjs', '../../pnpm-lock.yaml']) hash.update(readFileSync(join(here, name)));
const wanted = hash.digest('hex');

if (!existsSync(join(dist, 'index.js')) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  const { rolldown } = await import('rolldown');
  const doors = ['index', 'worker', 'testing', 'peer'];
  const bundle = await rolldown({
    input: Object.fromEntries(doors.map((door) => [door, join(build, `${door}.js`)])),
    cwd: here,
    platform: 'node',
    transform: { target: 'node20' },
    // Loading current-task.js is an effect in itself; nothing may be dropped because a bundler thinks that it has none.
    treeshake: { moduleSideEffects: true },
    plugins: [{ name: 'builtins', renderChunk: takeBuiltins }],
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  for (const name of readdirSync(dist)) if (name.endsWith('.js')) rmSync(join(dist, name));
  // The comments are in the sources, those for users in the declarations too.
  await bundle.write({
    dir: dist,
    format: 'esm',
    // One file for all that two of them need.
    codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] },
    // Rolldown's own helpers take a name before they are merged into the shared chunk.
    chunkFileNames: ({ name }) => (name.startsWith('rolldown') ? '[name].js' : 'shared.js'),
    minifyInternalExports: false,
    comments: false,
  });
  await bundle.close();
  await bundleAdapters(rolldown);
  writeFileSync(stamp, wanted);
}

/** The adapters stand on the package's own door, so that they share all state with a program that imports it. */
async function bundleAdapters(rolldown) {
  const adapters = ['bullmq', 'comlink', 'piscina', 'redis', 'tinypool', 'sqlite', 'sqlite-thread'];
  const bundle = await rolldown({
    input: Object.fromEntries(adapters.map((name) => [name, join(build, `${name}.js`)])),
    cwd: here,
    platform: 'node',
    transform: { target: 'node20' },
    external: /^(offloop|bullmq|comlink|ioredis|piscina|tinypool)$/,
    plugins: [
      {
        name: 'door',
        resolveId: (id) => (/^(\.\.?\/)+index\.js$/.test(id) ? { id: 'offloop', external: true } : undefined),
        renderChunk: takeBuiltins,
      },
    ],
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  await bundle.write({
    dir: dist,
    format: 'esm',
    codeSplitting: { groups: [{ name: 'adapters', minShareCount: 2 }] },
    chunkFileNames: 'adapters.js',
    minifyInternalExports: false,
    comments: false,
  });
  await bundle.close();
}

/**
 * An import of a builtin reads all of its exports, and with them loads what is lazy there (of util: parseArgs, MIMEType): a
 * millisecond per thread. Taking them from the process reads what is asked for.
 */
function takeBuiltins(code) {
  return code.replace(/^import \{ (.+) \} from "(node:.+)";$/gm, (_, names, from) => {
    return `const { ${names.replaceAll(' as ', ': ')} } = process.getBuiltinModule("${from}");`;
  });
}
