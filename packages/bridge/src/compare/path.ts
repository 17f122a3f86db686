/** Where a value stands in an outcome: keys of objects and indices of arrays, from the root. */
export type Path = readonly (string | number)[];

const ANY = Symbol("any");

/** Which paths a rule is about: `effects.*.at`, `effects[0].details["a.b"]`; `*` is any key or index. */
export interface Pattern {
  readonly text: string;
  readonly segments: readonly (string | typeof ANY)[];
}

const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/;

const textOf = (path: Path, index: (at: number) => string): string =>
  path.reduce<string>((text, segment) => {
    if (typeof segment === "number") return `${text}[${index(segment)}]`;
    if (!PLAIN_KEY.test(segment)) return `${text}[${JSON.stringify(segment)}]`;
    return text === "" ? segment : `${text}.${segment}`;
  }, "");

/** As people read it: `effects[0].details.nameServers[2]`; a key that is no plain word is quoted. */
export const pathText = (path: Path): string => textOf(path, String);

/** The path with every index as `*`, `effects[*].details.nameServers[*]`: where the same fault shows again. */
export const groupText = (path: Path): string => textOf(path, () => "*");

/** One segment: a word, `*`, an index in brackets, or a quoted key in brackets. */
const SEGMENT = /(?:^|(?<=.)\.)(\*|[^.[\]"*\s]+)|\[(\*|\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** @throws TypeError when the text is no pattern. */
export function parsePattern(text: string): Pattern {
  const segments: (string | typeof ANY)[] = [];
  SEGMENT.lastIndex = 0;
  let end = 0;
  while (end < text.length) {
    const found = SEGMENT.exec(text);
    if (found === null) break;
    const [, word, index, quoted] = found;
    const plain = word ?? index;
    segments.push(quoted !== undefined ? String(JSON.parse(quoted)) : plain === "*" ? ANY : String(plain));
    end = SEGMENT.lastIndex;
  }
  if (segments.length === 0 || end < text.length) throw new TypeError(`"${text}" is no pattern of paths`);
  return { text, segments };
}

const begins = ({ segments }: Pattern, path: Path): boolean =>
  segments.length <= path.length && segments.every((segment, n) => segment === ANY || segment === String(path[n]));

/** True where one of the patterns names the path, or something that holds it. */
export const covers = (patterns: readonly Pattern[], path: Path): boolean =>
  patterns.some((pattern) => begins(pattern, path));

/** True where the pattern names exactly this path. */
export const names = (pattern: Pattern, path: Path): boolean =>
  pattern.segments.length === path.length && begins(pattern, path);
