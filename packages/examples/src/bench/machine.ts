import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

import { roster } from './roster.ts';

const packages = new URL('../../', import.meta.url);

/** Where and with what the numbers were measured. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** What else kept the cores busy: the load before the first run, over one minute. */
  readonly load: number;
  /** Versions by package name, as installed. */
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string | undefined;
}

export function describeMachine(): Machine {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    load: loadavg()[0] ?? NaN,
    versions: versions(),
    commit: commit(),
  };
}

/** As lines of words. */
export function machineText(machine: Machine): string[] {
  const { date, cpu, cores, memoryGb, system, node, load, commit: from } = machine;
  const installed = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}; load before the start ${load.toFixed(1)}`,
    `Node ${node}; ${installed.join(', ')}${from === undefined ? '' : `; commit ${from}`}`,
    date,
  ];
}

function versions(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { package: name } of roster) {
    if (name === undefined) continue;
    // Read from the file: not every package exports its package.json.
    const file = new URL(`node_modules/${name}/package.json`, packages);
    found[name] = (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  }
  return found;
}

/** Of the clone; undefined where there is none, or no git. */
function commit(): string | undefined {
  const cwd = fileURLToPath(packages);
  const git = spawnSync('git', ['describe', '--always', '--dirty'], { cwd, encoding: 'utf8' });
  return git.status === 0 ? git.stdout.trim() : undefined;
}
