// A child process that puts one probe to one contestant, and prints what was seen as a line of JSON.
import { childMarker, type ChildOrder, type ChildWord } from './case.ts';
import { roster } from './roster.ts';
import { rows } from './rows.ts';
import { CannotStart, Scene } from './scene.ts';
import type { StartSubject } from './subject.ts';
import { show, type Finding } from './verdict.ts';

async function main({ contestant, row, probe: name }: ChildOrder): Promise<readonly Finding[]> {
  const entry = roster.find((each) => each.name === contestant);
  const probe = rows.find(({ number }) => number === row)?.probes.find((each) => each.name === name);
  if (entry === undefined || probe === undefined) throw new Error('no such contestant or probe');
  const { start } = (await import(`./subjects/${entry.file}.js`)) as { readonly start: StartSubject };
  const scene = new Scene(start, entry.options);
  try {
    await probe.run(scene);
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    scene.find('wrong result', `it cannot be made: ${show(error.cause)}`);
  }
  return scene.findings;
}

// Without console, which a probe may have flooded or broken. The parent ends the process, or sees how it ends.
function say(word: ChildWord): void {
  process.stdout.write(`\n${childMarker}${JSON.stringify(word)}\n`);
}

try {
  say({ findings: await main(JSON.parse(process.argv[2] ?? '{}') as ChildOrder) });
} catch (error) {
  say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
