import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { programOf, type Plan } from './plan.ts';

/** A program that dies as soon as it starts would be started for ever. */
const mostDeaths = 20;

interface Member {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  /** We have told it to. */
  isToEnd: boolean;
}

/** The consumers: as many processes as wanted, with another one in the place of each that ends. */
export class Crew implements Disposable {
  /** Ends that nobody asked for. */
  deaths = 0;
  /** What the consumers said, errors most often. */
  readonly said: string[] = [];
  readonly #plan: Omit<Plan, 'on'>;
  readonly #members = new Set<Member>();
  #started = 0;
  #isEnding = false;

  constructor(plan: Omit<Plan, 'on'>, size: number) {
    this.#plan = plan;
    for (let i = 0; i < size; i++) this.#start();
  }

  /** The program cannot even start. */
  get isHopeless(): boolean {
    return this.deaths > mostDeaths;
  }

  /** Kill one that is at work, the oldest, as the kernel does it when memory is short; false when there is none. */
  killOne(isAtWork: (pid: number) => boolean): boolean {
    const victim = [...this.#members].find(({ child, isToEnd }) => !isToEnd && isAtWork(child.pid ?? 0));
    if (victim === undefined) return false;
    victim.isToEnd = true;
    return victim.child.kill('SIGKILL');
  }

  /** Tell all of them to end; false when some did not, in the time given, and had to be killed. */
  async end(limitMs: number): Promise<boolean> {
    this.#isEnding = true;
    const all = [...this.#members];
    for (const member of all) {
      member.isToEnd = true;
      member.child.kill('SIGTERM');
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => void (timer = setTimeout(resolve, limitMs, false)));
    const inTime = await Promise.race([late, Promise.all(all.map(({ ended }) => ended)).then(() => true)]);
    clearTimeout(timer);
    this[Symbol.dispose]();
    return inTime;
  }

  [Symbol.dispose](): void {
    this.#isEnding = true;
    for (const { child } of this.#members) child.kill('SIGKILL');
  }

  #start(): void {
    const on = this.#started++ % 2 === 0 ? 'loop' : 'pool';
    const plan: Plan = { ...this.#plan, on };
    const child = spawn(process.execPath, [fileURLToPath(programOf(plan.source)), JSON.stringify(plan)], {
      stdio: 'pipe',
    });
    for (const output of [child.stdout, child.stderr]) this.#listen(output);
    const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
    const member: Member = { child, ended, isToEnd: false };
    this.#members.add(member);
    void ended.then(() => this.#onEnd(member));
  }

  #onEnd(member: Member): void {
    this.#members.delete(member);
    if (!member.isToEnd) this.deaths++;
    if (!this.#isEnding && !this.isHopeless) this.#start();
  }

  #listen(output: NodeJS.ReadableStream): void {
    let rest = '';
    output.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.said.push(...lines);
    });
  }
}
