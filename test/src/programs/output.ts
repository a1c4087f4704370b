// A thread prints a flood; then the program ends, in the way that the argument names.
import { WorkerLoop } from 'offloop';

import { place } from './lib.ts';

const [how, lines] = process.argv.slice(2);
const text = 'x'.repeat(80);
if (how === 'default') await place.print(Number(lines), text);
else if (how === 'daemon') await new WorkerLoop({ daemon: true }).run(place.print(Number(lines), text));
else if (how === 'terminate') {
  const loop = new WorkerLoop();
  await loop.run(place.print(Number(lines), text));
  await loop.close({ mode: 'terminate' });
} else {
  const loop = new WorkerLoop();
  await loop.run(place.print(Number(lines), text));
  await loop.close();
}
