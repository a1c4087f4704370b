// S29: the service that the jobs of the tutorial call, by itself.
import { gather } from 'offloop';

import { stopwatch } from './support/clock.ts';
import { startSmsService } from './support/sms-service.ts';

await using service = await startSmsService();

async function get(path: string): Promise<void> {
  const response = await fetch(service.url + path);
  console.log(await response.text());
}

const time = stopwatch();
await gather([get('/1'), get('/2'), get('/error')]);
console.log('TIME: ', time());
