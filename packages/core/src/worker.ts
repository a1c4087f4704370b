// The start of a loop's thread. `WorkerLoop` uses it by itself; a bundled program gives its own worker file, which imports
// this module, to the option `worker`: () => new Worker(new URL('./worker.js', import.meta.url)).
import { boot } from './guest/boot.ts';

boot();
