import workerpool from 'workerpool';

import { functions } from '../functions.ts';

workerpool.worker({ ...functions });
