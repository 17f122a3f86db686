/**
 * The document with that text between two markers, in the place of what stood there.
 * @throws Error when the document has no such place, or other markers stand in it.
 */
export function putBetween(document: string, start: string, end: string, text: string): string {
  const from = document.indexOf(start);
  const to = document.indexOf(end, from);
  if (from < 0 || to < 0 || document.slice(from + start.length, to).includes("<!--")) {
    throw new Error(`the document has no place for what is generated: ${start.trim()}`);
  }
  return `${document.slice(0, from)}${start}${text}${document.slice(to)}`;
}
