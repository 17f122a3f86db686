import * as z from "zod";
import { canonicalJson } from "../hash.ts";
import type { Outcome } from "../outcome.ts";
import { alignAnywhere, alignByIndex, alignInOrder, type Step } from "./align.ts";
import { childrenOf, isArray, isObject, type Json, kindOf } from "./json.ts";
import { covers, groupText, names, type Path, pathText } from "./path.ts";
import type { CompareRules } from "./rules.ts";
import { isSame } from "./same.ts";

/**
 * missing: only the old outcome has it. extra: only the new one. changed: another value. type: a value of another JSON
 * type. order: the same elements in another order.
 */
export const DifferenceKind = z.enum(["missing", "extra", "changed", "type", "order"]);
export type DifferenceKind = z.infer<typeof DifferenceKind>;

/** One place where two outcomes differ: at the old outcome's path, or at the new one's for what is extra. Not masked. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly at: Path;
  /** As people read it: `effects[0].details.nameServers[2]`. */
  readonly path: string;
  /** The path with indices as `*`: with the kind, what differences are ranked by. */
  readonly group: string;
  readonly old?: Json;
  readonly new?: Json;
}

/** Ranking key: the same fault in other requests, and at other indices, has the same. */
export const groupOf = ({ kind, group }: Pick<Difference, "kind" | "group">): string => `${kind} ${group}`;

interface Node {
  readonly value: Json;
  readonly path: Path;
}

/**
 * Aligning two arrays compares every element of one with every element of the other. Once the plain values compared so
 * in one pair of outcomes come to this many, further arrays are compared index by index.
 */
const MAX_ALIGNED = 200_000;

const said = (kind: DifferenceKind, at: Path, sides: { readonly old?: Node; readonly new?: Node }): Difference => ({
  kind,
  at,
  path: pathText(at),
  group: groupText(at),
  ...(sides.old && { old: sides.old.value }),
  ...(sides.new && { new: sides.new.value }),
});

function comparer({ ignore, unordered, tolerances }: CompareRules) {
  let left = MAX_ALIGNED;

  const counted = ({ value, path }: Node): Node[] =>
    childrenOf(value)
      .map(([segment, child]) => ({ value: child, path: [...path, segment] }))
      .filter((child) => !covers(ignore, child.path));

  const leaves = (node: Node): number =>
    isArray(node.value) || isObject(node.value)
      ? Math.max(
          1,
          counted(node).reduce((sum, child) => sum + leaves(child), 0),
        )
      : 1;

  const compare = (old: Node, other: Node): Difference[] => {
    const kind = kindOf(old.value);
    if (kind !== kindOf(other.value)) return [said("type", old.path, { old, new: other })];
    if (kind === "array") return compareArrays(old, other);
    if (kind === "object") return compareObjects(old, other);
    const same = isSame(tolerances, old.path, old.value, other.value);
    return same ? [] : [said("changed", old.path, { old, new: other })];
  };

  const compareObjects = (old: Node, other: Node): Difference[] => {
    const keyed = (node: Node) => new Map(counted(node).map((child) => [child.path.at(-1), child]));
    const [olds, news] = [keyed(old), keyed(other)];
    const fromOld = [...olds].flatMap(([key, child]) => {
      const partner = news.get(key);
      return partner ? compare(child, partner) : [said("missing", child.path, { old: child })];
    });
    const extra = [...news].filter(([key]) => !olds.has(key));
    return [...fromOld, ...extra.map(([, child]) => said("extra", child.path, { new: child }))];
  };

  const compareArrays = (old: Node, other: Node): Difference[] => {
    const [olds, news] = [counted(old), counted(other)];
    const known = new Map<number, Difference[]>();
    const pair = (i: number, j: number): Difference[] => {
      const [a, b] = [olds[i], news[j]];
      const found = known.get(i * news.length + j) ?? (a && b ? compare(a, b) : []);
      known.set(i * news.length + j, found);
      return found;
    };
    const distance = (i: number, j: number): number => {
      const [a, b] = [olds[i], news[j]];
      const found = pair(i, j).length;
      return found === 0 || !a || !b ? 0 : Math.min(1, found / Math.max(leaves(a), leaves(b)));
    };
    const tell = (steps: readonly Step[]): Difference[] =>
      steps.flatMap((step) => {
        if (step.old !== undefined && step.new !== undefined) return pair(step.old, step.new);
        const a = step.old === undefined ? undefined : olds[step.old];
        const b = step.new === undefined ? undefined : news[step.new];
        if (a) return [said("missing", a.path, { old: a })];
        return b ? [said("extra", b.path, { new: b })] : [];
      });

    left -= leaves(old) * news.length + leaves(other) * olds.length;
    if (left < 0) return tell(alignByIndex(olds.length, news.length));
    const anywhere = () => tell(alignAnywhere(olds.length, news.length, distance));
    if (unordered.some((pattern) => names(pattern, old.path))) return anywhere();
    const oldFirst = (i: number, j: number) =>
      canonicalJson(olds[i]?.value ?? null) < canonicalJson(news[j]?.value ?? null);
    const inOrder = tell(alignInOrder(olds.length, news.length, distance, oldFirst));
    if (inOrder.length === 0 || olds.length !== news.length || anywhere().length > 0) return inOrder;
    return [said("order", old.path, { old, new: other })];
  };

  return compare;
}

/**
 * Every place where two values differ, under the rules' `ignore`, `unordered` and `tolerances`. Pure; none for a value
 * and itself. With the roles exchanged, missing becomes extra and the rest keeps its kind.
 */
export const jsonDifferences = (old: Json, other: Json, rules: CompareRules): Difference[] =>
  comparer(rules)({ value: old, path: [] }, { value: other, path: [] });

/** Every place where the outcomes of the two paths differ, after both went through the route's `clean`. */
export const differences = (old: Outcome, other: Outcome, rules: CompareRules): Difference[] =>
  jsonDifferences(rules.clean(old), rules.clean(other), rules);
