// For tests of code that uses offloop: a clock that moves when it is told to.
export { FakeClock } from './base/fake-clock.ts';
export type { Clock, ClockTimer } from './base/clock.ts';
// For tests of sources: what each of them promises.
export { sourceConformance } from './consume/conformance/source-conformance.ts';
export type { ConformanceCase, ConformanceOptions, SourceFault, SourceRig } from './consume/conformance/rig.ts';
