export const one = 1;
throw new RangeError('thrown while loading');
