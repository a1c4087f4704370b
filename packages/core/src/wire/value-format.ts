/*
 * How a value lies in 32-bit words.
 *
 *   odd                 an integer of 31 bits
 *   payload << 5 | kind anything else; kinds are even and not 0, so that empty memory is no value
 *
 *   whole      tail     an object or array as a whole: the word behind it begins it, `tail` words from here are its
 *                       definitions and its texts (0: it has none)
 *   object     shape    the values of its keys follow; what the keys are the reader knows by the number of the shape
 *   once       list     the same, with the keys of list number so-and-so of this tail
 *   array      length   its elements follow
 *   text       length   a short string inside an object or array: its characters are in the tail
 *   latin1     length   a string, one byte for each character follows
 *   utf16      length   a string, two bytes for each character follow
 *   number              a double follows, at the next multiple of 8 bytes
 *   bigint              64 bits follow, at the next multiple of 8 bytes
 *   bytes      length   a word with the index of its class follows, and then the bytes
 *
 *   tail: number of lists; for each list its length * 2 + 1 if it is a new shape, and the length of each key; the keys as
 *   one string (if there are lists); the short strings as one string
 *
 * A heap of short strings is written and read with one native call, which costs as much as ten of these strings by hand.
 */
export const Kind = {
  whole: 2,
  object: 4,
  once: 6,
  array: 8,
  text: 10,
  latin1: 12,
  utf16: 14,
  number: 16,
  bigint: 18,
  bytes: 20,
  undefined: 22,
  null: 24,
  true: 26,
  false: 28,
} as const;

/** Results of a write that did not take place: the value must travel by structured clone; it is too long for the room it has. */
export const refused = -1;
export const tooLong = -2;

export const kindBits = 5;
export const kindMask = 31;
