// For tests of code that uses offloop: a clock that moves when it is told to.
export { FakeClock } from './base/fake-clock.ts';
export type { Clock, ClockTimer } from './base/clock.ts';
