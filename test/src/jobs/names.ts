// A module whose exports have names that objects inherit.
export function toString(): string {
  return 'exported toString';
}

export function then(): string {
  return 'exported then';
}

export function plain(): string {
  return 'plain';
}
