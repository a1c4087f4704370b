// Pools inside jobs inside pools, until the budget of threads is used up; afterwards all of it is there again.
process.env['OFFLOOP_MAX_THREADS'] = '8';
const { jobModule, WorkerLoop } = await import('offloop');
const { say } = await import('./lib.ts');
const { nest } = jobModule<typeof import('../jobs/budget.js')>(new URL('../jobs/budget.js', import.meta.url));
const first = new WorkerLoop();
const [depth, error] = await first.run(nest(1));
say(`${depth}`);
say(error);
await first.close();
// A thread that is ended from outside takes those that it owns with it.
const second = new WorkerLoop();
const nested = second.run(nest(1)).catch(() => {});
await new Promise((resolve) => void setTimeout(resolve, 100));
await second.close({ mode: 'terminate' }).catch(() => {});
await nested;
const loops = Array.from({ length: 8 }, () => new WorkerLoop());
say(`all places free: ${loops.length} loops`);
await Promise.all(loops.map((loop) => loop.close()));
