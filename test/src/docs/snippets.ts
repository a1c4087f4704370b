import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

// Programs that stand in documentation: taken out, compiled together, and run one by one as a reader would run them.

export const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

/** A folder for generated sources, empty, from which `offloop` resolves. */
export function makeFolder(name: string): string {
  const folder = join(root, 'test', '.generated', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options = { rootDir: '.', outDir: 'out', composite: false, isolatedDeclarations: false, noUnusedLocals: false };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../../tsconfig.base.json', compilerOptions: options, include: ['*.ts'] }),
  );
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}

/** Compile all of a folder; what the compiler says is the error. */
export async function compile(folder: string): Promise<void> {
  await run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder]).catch(
    (error: { stdout: string }) => {
      throw new Error(`the examples do not compile:\n${error.stdout}`);
    },
  );
}

/** Run a compiled program to its end, in an empty folder of its own; gives what it printed. It fails on a non-zero exit code and after 20 seconds. */
export async function runProgram(folder: string, name: string, env: Record<string, string> = {}): Promise<string> {
  const cwd = join(folder, 'runs', name);
  mkdirSync(cwd, { recursive: true });
  const { stdout } = await run(process.execPath, [join(folder, 'out', `${name}.js`)], {
    cwd,
    env: { ...process.env, ...env },
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  return stdout;
}

/** A fenced code block of a Markdown text. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

export function codeBlocks(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ language, text }));
}

/** The file that a block of code says it is, in its first line. */
export function fileOf({ text }: Block): string {
  const file = /^\/\/ (\w+)\.ts\n/.exec(text)?.[1];
  if (file === undefined) throw new Error(`a block does not say which file it is:\n${text}`);
  return file;
}

/** Programs are the files that are followed by what they print. */
export function programsIn(
  blocks: readonly Block[],
): { readonly file: string; readonly code: string; readonly prints: string }[] {
  return blocks.flatMap((block, index) => {
    const next = blocks[index + 1];
    return block.language === 'ts' && next?.language === 'text'
      ? [{ file: fileOf(block), code: block.text, prints: next.text }]
      : [];
  });
}

/** An `@example` of a docstring, with the place where it stands. */
export interface Example {
  readonly place: string;
  readonly code: string;
}

const source = join(root, 'packages', 'core', 'src');
const sourceFiles = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .toSorted();

/** The `@example`s of the library's docstrings, of exports and of members. */
export function docstringExamples(): Example[] {
  return sourceFiles.flatMap((file) => examplesOf(file, readFileSync(join(source, file), 'utf8')));
}

/** How often the sources say `@example`, wherever it is. */
export function countExampleTags(): number {
  return sourceFiles.reduce(
    (sum, file) => sum + (readFileSync(join(source, file), 'utf8').split('@example').length - 1),
    0,
  );
}

export function examplesOf(file: string, text: string): Example[] {
  return [...text.matchAll(/^ *\/\*\*(.*?)\*\//gms)].flatMap(({ 0: comment, 1: inside = '', index }) => {
    const [, ...examples] = inside.split(/^ *\* @example$/m);
    const line = text.slice(0, index).split('\n').length;
    const name = nameBehind(text.slice(index + comment.length));
    return examples.map((example, nth) => ({
      place: `${file}:${line}${nth === 0 ? '' : ` (${nth + 1})`}, ${name}`,
      code: example.replaceAll(/^ *\* ?/gm, '').trim(),
    }));
  });
}

/** What a docstring is about. */
function nameBehind(text: string): string {
  return (
    /^\s*(?:(?:export|async|function\*?|class|const|interface|type|static|readonly|get|declare|override) +)*([\w$]+|\[[\w.]+\])/.exec(
      text,
    )?.[1] ?? ''
  );
}
