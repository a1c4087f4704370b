// A module with an export whose name every object inherits. (`then` is none of them: `import()` itself would call it.)
export function toString(): string {
  return 'exported toString';
}

export function plain(): string {
  return 'plain';
}
