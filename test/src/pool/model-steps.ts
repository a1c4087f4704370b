import fc from 'fast-check';

/** Microseconds for which they have their thread, the first time where they await. */
export const jobs: Record<string, number> = {
  nothing: 0,
  tiny: 1,
  short: 60,
  medium: 400,
  long: 10_000,
  sleep: 5,
  fetchAndParse: 15,
  slowThenSleep: 3000,
  bounces: 1,
  breeds: 50,
};

/** What happens, and how often. */
const weights = {
  join: 1,
  ready: 2,
  parked: 2,
  leave: 1,
  crash: 1,
  overran: 2,
  clear: 1,
  submit: 8,
  flood: 1,
  cancel: 3,
  began: 4,
  suspend: 6,
  settle: 6,
  stale: 2,
  told: 2,
};

type What = keyof typeof weights;

const whats = Object.entries(weights).map(([what, weight]) => ({ arbitrary: fc.constant(what as What), weight }));

export type Step = readonly [what: What, pick: number, job: string, noise: number];

/**
 * Steps of a pool's life. The noise multiplies what a loop tells of its jobs: a thousandfold is a collection or a lie, and with 0
 * it tells nothing.
 */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.oneof(...whats),
    fc.nat(9999),
    fc.constantFrom(...Object.keys(jobs), 'new'),
    fc.constantFrom(0, 0.5, 1, 1, 1, 3, 1000),
  ),
  { maxLength: 150, size: 'max' },
);
