import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Modules with something wrong, by what is: none of them compiles, or may be imported by mistake, so they are made. */
const texts = {
  missing: undefined,
  'syntax error': 'export const = 1;',
  'throws at load': "throw new Error('thrown at load');",
  'never settles': 'await new Promise(() => {}); export function inc(n) { return n + 1; }',
  'exits at load': 'process.exit(3);',
} as const;
export type BadModule = keyof typeof texts;

/** Its URL; it is gone when the process ends. */
export function badModule(what: BadModule): string {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-faults-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, `${what.replaceAll(' ', '-')}.mjs`);
  const text = texts[what];
  if (text !== undefined) writeFileSync(file, text);
  return pathToFileURL(file).href;
}
