/** Give a class its name on the prototype, where `Error` keeps it, so that no instance shows it as an own property. */
export function named(constructor: { readonly prototype: Error }, name: string): void {
  Object.defineProperty(constructor.prototype, 'name', { value: name, writable: true, configurable: true });
}
