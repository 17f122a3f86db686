/**
 * The interpreter fills `$$.Execution` by itself, and finds nothing at `$` when the value there is false, 0, "" or
 * null. So paths are rewritten once, at creation: `$$` reads our context object, a bare `$` our copy of the value.
 */
export function rewritePath(path: string): string {
  if (path.startsWith("$$")) return `$$.Context${path.slice(2)}`;
  return path === "$" ? "$$.Value" : path;
}
