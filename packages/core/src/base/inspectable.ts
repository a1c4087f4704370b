import { inspect, type InspectOptions } from 'node:util';

/** Let `util.inspect` and `console.log` show the instances of a class by what `show` returns. */
export function inspectable<T extends object>(
  constructor: { readonly prototype: T },
  show: (instance: T, options: InspectOptions) => string,
): void {
  Object.defineProperty(constructor.prototype, inspect.custom, {
    value(this: T, _depth: number, options: InspectOptions): string {
      return show(this, options);
    },
    writable: true,
    configurable: true,
  });
}
