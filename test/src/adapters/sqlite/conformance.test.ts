import { sourceConformance } from 'offloop/testing';
import { describe, test } from 'vitest';

import { hasSqlite, makeRig } from './support.js';

describe.skipIf(!hasSqlite)('sqliteQueue keeps what every source promises', () => {
  test.each(sourceConformance(() => makeRig(), { faults: ['putMalformed', 'loseLeases', 'cut'] }))('$name', ({ run }) =>
    run(),
  );
});
