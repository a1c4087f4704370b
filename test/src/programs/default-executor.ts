// Nothing but a coroutine that is awaited.
import { basic, say } from './lib.ts';

say(String(await basic.fib(20)));
