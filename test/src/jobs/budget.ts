// A job that makes a pool, whose job makes a pool, …
import { jobModule, LoopPool } from 'offloop';

const own = jobModule<typeof import('./budget.js')>(new URL('./budget.js', import.meta.url));

/** How deep it went, and what ended it. */
export async function nest(depth: number): Promise<readonly [depth: number, error: string]> {
  let pool: LoopPool;
  try {
    pool = new LoopPool({ size: 1 });
  } catch (error) {
    return [depth, `${(error as { code: string }).code} ${(error as Error).message}`];
  }
  try {
    return await pool.run(own.nest(depth + 1));
  } finally {
    await pool.close();
  }
}
