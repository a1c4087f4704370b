/** The command line cannot be understood; the message says which part of it, and what would be right. */
export class UsageError extends Error {}

export interface NumberRange {
  readonly standard: number;
  readonly least: number;
  readonly most: number;
  readonly isWhole: boolean;
}

/** The number of an option, or its default where it was not given. */
export function readNumber(name: string, range: NumberRange, given: ReadonlyMap<string, string | undefined>): number {
  if (!given.has(name)) return range.standard;
  const { least, most, isWhole } = range;
  const text = given.get(name);
  const value = text !== undefined && /^\d+$|^\d*\.\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  throw new UsageError(
    `option --${name} must be a ${isWhole ? 'whole number' : 'number'} from ${least} to ${most}; got ${quoted(text)}`,
  );
}

/** One of the words that an option knows. */
export function choose<W extends string>(name: string, words: readonly W[], text: string | undefined): W {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new UsageError(`option --${name} must be one of ${words.join(', ')}; got ${quoted(text)}`);
}

export const checked = {
  text(name: string, text: string | undefined): string {
    if (text !== undefined && text !== '') return text;
    throw new UsageError(`option --${name} must have a value; got ${quoted(text)}`);
  },

  url(what: string, protocols: readonly string[], text: string | undefined): string {
    if (text !== undefined && URL.canParse(text)) {
      const { protocol, hostname } = new URL(text);
      if (protocols.includes(protocol) && hostname !== '') return text;
    }
    const example = protocols[0] === 'redis:' ? 'redis://127.0.0.1:6379' : 'http://127.0.0.1:5000';
    throw new UsageError(`${what} must be a URL, as ${example}; got ${quoted(text)}`);
  },
};

function quoted(text: string | undefined): string {
  return text === undefined ? 'nothing' : `'${text}'`;
}
