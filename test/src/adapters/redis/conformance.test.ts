import { sourceConformance, type SourceFault } from 'offloop/testing';
import { describe, test } from 'vitest';

import { hasRedis } from '../../redis/server.js';
import { makeSourceRig } from './support.js';

const faults: SourceFault[] = ['putMalformed', 'loseLeases', 'cut'];

describe.runIf(hasRedis)('redisList keeps what every source promises', () => {
  test.each(sourceConformance(() => makeSourceRig(), { faults }))('$name', ({ run }) => run());
});

// Leases do not bind a message that has left Redis, and what is lost with a server is lost.
describe.runIf(hasRedis)('redisList, at most once, keeps the rest of it', () => {
  const rig = () => makeSourceRig({ mode: 'at-most-once' });
  const cases = sourceConformance(rig, { faults: ['putMalformed'] });
  // What a handler has begun with is not given to another one.
  test.each(cases.filter(({ name }) => !name.startsWith('closing gives back')))('$name', ({ run }) => run());
});
