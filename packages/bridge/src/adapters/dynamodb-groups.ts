import * as z from "zod";
import { groupOf, LONGEST_PATH } from "../compare/index.ts";
import { sha256 } from "../hash.ts";
import type { RequestKey } from "../ids.ts";
import { type FoundDifference, MAX_EXAMPLES, MAX_GROUPS, MAX_GROUPS_OF_REQUEST, OTHER_PATHS } from "../ports.ts";
import { getMany } from "./dynamodb-batch.ts";
import type { Documents, Item } from "./dynamodb-client.ts";
import type { Write } from "./dynamodb-count-writes.ts";
import { groupCountKey, groupKey } from "./dynamodb-keys.ts";
import { exampleSlot } from "./dynamodb-verdicts.ts";

/** One kind of difference of one request, and where it is counted. */
export interface GroupFinding {
  readonly key: RequestKey;
  readonly difference: FoundDifference;
  readonly id: string;
}

/** What of a request is counted in groups: each of its kinds of difference once. */
export function findingsOf(key: RequestKey, found: readonly FoundDifference[]): readonly GroupFinding[] {
  const byGroup = new Map(
    found.map((difference) => {
      const { against, kind, group: whole } = difference;
      const group = whole.slice(0, LONGEST_PATH);
      const id = sha256(groupOf({ kind, group })).toString("hex").slice(0, 16);
      return [`${against} ${id}`, { key, difference: { ...difference, group }, id }] as const;
    }),
  );
  return [...byGroup.values()].slice(0, MAX_GROUPS_OF_REQUEST);
}

const parentOf = ({ key, difference }: GroupFinding): string => `${key.route}#${difference.against}`;

/** Of the records that a finding may write: by which a transaction's items are counted. */
export const groupRecords = (findings: readonly GroupFinding[]): readonly string[] =>
  findings.flatMap((finding) => [parentOf(finding), `${parentOf(finding)}#${finding.id}`]);

const slotOf = ({ requestId }: RequestKey): string => exampleSlot(sha256(requestId).readUInt32BE(0) % MAX_EXAMPLES);

/** The group of what is one group too many. */
const otherOf = ({ kind }: FoundDifference): string => `other${kind}`;

/** What was read of the groups of a route against one path. */
interface Seen {
  readonly countKey: Item;
  readonly groups: number;
  readonly known: ReadonlyMap<string, Times>;
}

const Times = z.object({ firstAt: z.number(), lastAt: z.number() });
type Times = z.infer<typeof Times>;

async function look(client: Documents, table: string, findings: readonly GroupFinding[]): Promise<Seen> {
  const [first] = findings;
  if (first === undefined) throw new TypeError("no findings");
  const { route } = first.key;
  const { against } = first.difference;
  const countKey = groupCountKey(route, against);
  const ids = [...new Set(findings.flatMap(({ id, difference }) => [id, otherOf(difference)]))];
  const items = await getMany(client, table, [countKey, ...ids.map((id) => groupKey(route, against, id))]);
  const count = items.find(({ sk }) => sk === countKey.sk);
  const groups = items.filter((item) => item !== count);
  return {
    countKey,
    groups: Number(count?.["groups"] ?? 0),
    known: new Map(groups.map((item) => [String(item["sk"]), Times.parse(item)])),
  };
}

interface GroupUpdate {
  readonly id: string;
  readonly path: string;
  readonly findings: readonly [GroupFinding, ...(readonly GroupFinding[])];
  readonly known: Times | undefined;
  /** It is one of those that are counted: on the condition that nobody else made it since. */
  readonly isNew: boolean;
}

/** Counts the requests of one group. Its times may miss a request that another consumer counts at the same moment. */
function addToGroup(table: string, { id, path, findings, known, isNew }: GroupUpdate): Write {
  const [{ key, difference }] = findings;
  const slots = new Map(findings.map((each) => [slotOf(each.key), each] as const));
  const examples = [...slots].map(([slot, each]) => [slot, { requestId: each.key.requestId, at: each.difference.at }]);
  const ats = findings.map((each) => each.difference.at);
  return {
    Update: {
      TableName: table,
      Key: groupKey(key.route, difference.against, id),
      UpdateExpression:
        "SET #kind = :kind, #path = :path, firstAt = :first, lastAt = :last" +
        `${examples.map(([slot], n) => `, ${slot} = :e${n}`).join("")} ADD #count :count`,
      ExpressionAttributeNames: { "#kind": "kind", "#path": "path", "#count": "count" },
      ExpressionAttributeValues: {
        ":kind": difference.kind,
        ":path": path,
        ":first": Math.min(known?.firstAt ?? Number.POSITIVE_INFINITY, ...ats),
        ":last": Math.max(known?.lastAt ?? 0, ...ats),
        ":count": new Set(findings.map((each) => each.key.requestId)).size,
        ...Object.fromEntries(examples.map(([, example], n) => [`:e${n}`, example])),
      },
      ...(isNew && { ConditionExpression: "attribute_not_exists(pk)" }),
    },
  };
}

/** How many groups there are: on the condition that there are as many as were seen. */
const countGroups = (table: string, { countKey, groups }: Seen, more: number): Write => ({
  Update: {
    TableName: table,
    Key: countKey,
    UpdateExpression: "SET #groups = :next",
    ConditionExpression: groups === 0 ? "attribute_not_exists(pk)" : "#groups = :seen",
    ExpressionAttributeNames: { "#groups": "groups" },
    ExpressionAttributeValues: { ":next": groups + more, ...(groups > 0 && { ":seen": groups }) },
  },
});

/** The writes that count findings in their groups. What would be one group too many is counted with its like. */
export async function addToGroups(
  client: Documents,
  table: string,
  findings: readonly GroupFinding[],
): Promise<readonly Write[]> {
  const writes: Write[] = [];
  for (const siblings of Map.groupBy(findings, parentOf).values()) {
    const seen = await look(client, table, siblings);
    const fresh = [...new Set(siblings.map(({ id }) => id))].filter((id) => !seen.known.has(id));
    const added = new Set(fresh.slice(0, Math.max(0, MAX_GROUPS - seen.groups)));
    const isKept = (id: string): boolean => seen.known.has(id) || added.has(id);
    const placed = Map.groupBy(siblings, ({ id, difference }) => (isKept(id) ? id : otherOf(difference)));
    for (const [id, [first, ...rest]] of placed) {
      if (first === undefined) continue;
      const path = isKept(first.id) ? first.difference.group : OTHER_PATHS;
      const update = { id, path, findings: [first, ...rest] as const, known: seen.known.get(id), isNew: added.has(id) };
      writes.push(addToGroup(table, update));
    }
    if (added.size > 0) writes.push(countGroups(table, seen, added.size));
  }
  return writes;
}
