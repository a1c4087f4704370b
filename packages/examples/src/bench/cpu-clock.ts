import { readFileSync } from 'node:fs';

interface CpuTime {
  /** Milliseconds of the main thread; NaN where the system does not tell. */
  readonly main: number;
  /** Milliseconds of all threads of the process, those of V8 included. */
  readonly all: number;
}

type ThreadCpuUsage = () => { readonly user: number; readonly system: number };

const threadCpuUsage = (process as { threadCpuUsage?: ThreadCpuUsage }).threadCpuUsage;

/** CPU time since it was made. */
export class CpuClock {
  readonly #begin: CpuTime = now();

  /** As metrics, in microseconds a job. */
  perJob(jobs: number): { readonly mainCpu: number; readonly allCpu: number } {
    const { main, all } = this.elapsed();
    return { mainCpu: (main * 1000) / jobs, allCpu: (all * 1000) / jobs };
  }

  elapsed(): CpuTime {
    const { main, all } = now();
    return { main: main - this.#begin.main, all: all - this.#begin.all };
  }
}

function now(): CpuTime {
  const { user, system } = process.cpuUsage();
  return { main: mainNow(), all: (user + system) / 1000 };
}

function mainNow(): number {
  if (threadCpuUsage !== undefined) {
    const { user, system } = threadCpuUsage.call(process);
    return (user + system) / 1000;
  }
  try {
    // Node 20 does not tell; Linux does, in nanoseconds. The main thread has the number of the process.
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return NaN;
  }
}
