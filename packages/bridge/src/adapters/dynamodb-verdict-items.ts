import * as z from "zod";
import { Counted, Sample } from "../compare/index.ts";
import { parseRequestKey, type RequestKey, requestKeyText } from "../ids.ts";
import type { JudgedRequest, StoredCount } from "../ports.ts";
import { Path } from "../rollout.ts";
import type { Item } from "./dynamodb-client.ts";
import { verdictKeyOf, verdictName } from "./dynamodb-keys.ts";

/** Samples stand as text: an outcome may be nested deeper than DynamoDB takes, or have empty names. */
const text = {
  encode: (sample: Sample | undefined) => sample && JSON.stringify(sample),
  decode: z
    .string()
    .transform((json): unknown => JSON.parse(json))
    .pipe(Sample),
};

const { verdict, at } = Counted.shape.judged.shape.legacy.unwrap().shape;
const StoredJudged = z.strictObject({ verdict, at, sample: text.decode.optional() });

const Stored = z.object({
  ...Counted.shape,
  judged: z.strictObject({ legacy: StoredJudged.optional(), order: StoredJudged.optional() }),
  version: z.int().positive(),
});

/** What was counted of a request, as an item of the ledger; a verdict other than match against legacy is indexed. */
export function verdictItem(key: RequestKey, { judged, ...counted }: Counted, version: number): Item {
  const { legacy } = judged;
  return {
    ...verdictKeyOf(requestKeyText(key)),
    ...counted,
    judged: Object.fromEntries(
      Path.options.flatMap((against) => {
        const given = judged[against];
        return given === undefined ? [] : [[against, { ...given, sample: text.encode(given.sample) }]];
      }),
    ),
    version,
    ...(legacy !== undefined &&
      legacy.verdict !== "match" && { verdictOf: verdictName(key.route, legacy.verdict), judgedAt: legacy.at }),
  };
}

export const keyTextOf = (item: Item): string => String(item["pk"]).slice("REQ#".length);

export function storedCountOf(item: Item): StoredCount {
  const { version, ...counted } = Stored.parse(item);
  return { version, counted };
}

/** The verdicts that an item holds: against legacy first. */
export function judgedOf(item: Item): readonly JudgedRequest[] {
  const key = parseRequestKey(keyTextOf(item));
  const { judged } = Stored.parse(item);
  return Path.options.flatMap((against) => {
    const given = judged[against];
    return given === undefined ? [] : [{ ...key, against, ...given }];
  });
}
