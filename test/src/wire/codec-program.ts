// Run as a process of its own: sends values with shapes until they would be compiled, and says whether they arrived.
import { isDeepStrictEqual } from 'node:util';

import { Memory } from '../../../packages/core/dist/wire/memory.js';
import { ValueReader } from '../../../packages/core/dist/wire/value-reader.js';
import { ValueWriter } from '../../../packages/core/dist/wire/value-writer.js';

function canGenerate(): boolean {
  try {
    return typeof Reflect.construct(Function, ['return true']) === 'function';
  } catch {
    return false;
  }
}

const memory = new Memory(new SharedArrayBuffer(4096));
const writer = new ValueWriter();
const reader = new ValueReader();
let same = true;
for (let time = 0; time < 50; time++) {
  const value = { a: time, b: [{ c: 'text', toString: 1 }], 1: 0.5, d: { constructor: null } };
  writer.begin();
  same &&= writer.write(memory, value, 0, 1024) > 0 && isDeepStrictEqual(reader.read(memory, 0), value);
}
console.log(`code generation: ${canGenerate()}, same: ${same}`);
