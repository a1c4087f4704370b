// What a queue of offloop/sqlite runs in its thread: the jobs of one keeper. It imports nothing of offloop's.
import { Keeper } from './adapters/sqlite/keeper.ts';
import { SqliteFile } from './adapters/sqlite/file.ts';
import { Lookout } from './adapters/sqlite/lookout.ts';
import type { Allowance, Committed, Counts, DeadRow, News, Op, ThreadSettings } from './adapters/sqlite/wire.ts';

let keeper: Keeper;
let file: SqliteFile;
let lookout: Lookout;

export function open({ path, waitsForDisk, busyMs, ...settings }: ThreadSettings): void {
  const clock = {
    now: () => performance.now(),
    wall: () => Date.now(),
    setTimer(ms: number, fire: () => void) {
      const timer = setTimeout(fire, ms);
      return { cancel: () => clearTimeout(timer) };
    },
  };
  file = new SqliteFile(path, waitsForDisk, busyMs);
  keeper = new Keeper(file, settings, clock);
  lookout = new Lookout(keeper, file, settings.leaseMs, clock);
}

export function enter(key: number, allowance: number): void {
  lookout.start();
  keeper.enter(key, allowance);
}

export function listen(key: number): AsyncGenerator<News, void> {
  return keeper.listen(key);
}

export function leave(key: number): void {
  keeper.leave(key);
}

export function commit(ops: readonly Op[], allowances: readonly Allowance[]): Committed {
  return keeper.commit(ops, allowances);
}

export function counts(): Counts {
  return file.read(({ messages }) => messages.counts(Date.now()));
}

/** The oldest dead letters; `take` takes them out. */
export function dead(limit: number, take: boolean): DeadRow[] {
  if (take) return file.write(({ messages }) => messages.dead(limit, true));
  return file.read(({ messages }) => messages.dead(limit, false));
}

export function close(): void {
  lookout.stop();
  keeper.close();
  file.close();
}
