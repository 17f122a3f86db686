/** One step through two lists: a pair, or an element that only one of them has. */
export interface Step {
  readonly old?: number;
  readonly new?: number;
}

/** How unlike two elements are: 0 for equal, 1 for nothing in common. */
export type Distance = (old: number, other: number) => number;

/** What an element without a partner costs: two of them cost as much as a pair with nothing in common. */
const ALONE = 0.5;
const EPSILON = 1e-9;

/**
 * The cheapest way from one list to the other with the order kept (edit distance, Wagner and Fischer 1974), so that a
 * lost element is one that is lost, and not a change of all that follow it.
 * @param oldFirst says which of two lonely elements comes first where either could; the same whichever list is the old.
 */
export function alignInOrder(
  olds: number,
  news: number,
  distance: Distance,
  oldFirst: (old: number, other: number) => boolean,
): Step[] {
  const width = news + 1;
  const costs = new Float64Array((olds + 1) * width);
  const cost = (i: number, j: number): number => costs[i * width + j] ?? 0;
  for (let i = olds; i >= 0; i--) {
    for (let j = news; j >= 0; j--) {
      const lonely = (olds - i + news - j) * ALONE;
      const skipped =
        i === olds || j === news
          ? lonely
          : Math.min(cost(i + 1, j) + ALONE, cost(i, j + 1) + ALONE, cost(i + 1, j + 1) + distance(i, j));
      costs[i * width + j] = skipped;
    }
  }
  const steps: Step[] = [];
  let i = 0;
  let j = 0;
  while (i < olds || j < news) {
    const both = i < olds && j < news;
    const least = cost(i, j) + EPSILON;
    if (both && cost(i + 1, j + 1) + distance(i, j) <= least) steps.push({ old: i++, new: j++ });
    else {
      const dropsOld = i < olds && (j === news || cost(i + 1, j) + ALONE <= least);
      const dropsNew = j < news && (i === olds || cost(i, j + 1) + ALONE <= least);
      if (dropsOld && (!dropsNew || oldFirst(i, j))) steps.push({ old: i++ });
      else steps.push({ new: j++ });
    }
  }
  return steps;
}

/** Pairs whatever is alike wherever it stands, the most alike first; elements with nothing in common stay alone. */
export function alignAnywhere(olds: number, news: number, distance: Distance): Step[] {
  const pairs = Array.from({ length: olds * news }, (_, n) => {
    const old = Math.floor(n / news);
    const other = n % news;
    return { old, new: other, apart: distance(old, other) };
  })
    .filter(({ apart }) => apart < 1 - EPSILON)
    .sort((a, b) => a.apart - b.apart || a.old + a.new - b.old - b.new);
  const oldTaken = new Set<number>();
  const newTaken = new Set<number>();
  const steps: Step[] = [];
  for (const pair of pairs) {
    if (oldTaken.has(pair.old) || newTaken.has(pair.new)) continue;
    oldTaken.add(pair.old);
    newTaken.add(pair.new);
    steps.push({ old: pair.old, new: pair.new });
  }
  for (let old = 0; old < olds; old++) if (!oldTaken.has(old)) steps.push({ old });
  for (let other = 0; other < news; other++) if (!newTaken.has(other)) steps.push({ new: other });
  return steps;
}

/** Pairs by index alone: for lists too long to be aligned. */
export const alignByIndex = (olds: number, news: number): Step[] =>
  Array.from({ length: Math.max(olds, news) }, (_, n) => ({
    ...(n < olds && { old: n }),
    ...(n < news && { new: n }),
  }));
