import { readOptions } from 'offloop-internal/base/options.js';
import { expect, test } from 'vitest';

test('calls without options read nothing, whatever another call or Object.prototype holds', () => {
  const none = readOptions<{ name?: string }>('call', undefined, { name: () => undefined });
  expect(Object.getPrototypeOf(none)).toBeNull();
  expect(() => Object.assign(none, { name: 'left behind' })).toThrow(TypeError);
  expect(readOptions<{ name?: string }>('call', undefined, { name: () => undefined })).toEqual({});
});
