import type { Pin } from "../claim.ts";
import { Path } from "../rollout.ts";
import { type Item, stringsOf } from "./dynamodb-client.ts";
import { pinItemKey } from "./dynamodb-keys.ts";

/** A pin is a set of entries: an empty set is no attribute, so that a free pin needs no deletion. */
export const pinOf = (item: Item | undefined): Pin => ({
  path: Path.catch("legacy").parse(item?.["path"]),
  entries: stringsOf(item?.["open"]),
});

/** Joins the pin if it is free or on our path; with `takeOver`, replaces exactly the entries that were seen (A3). */
export function joinPin(table: string, pinKey: string, path: Path, entry: string, takeOver: readonly string[] = []) {
  const replace = takeOver.length > 0;
  return {
    Update: {
      TableName: table,
      Key: pinItemKey(pinKey),
      UpdateExpression: replace ? "SET #path = :path, #open = :mine" : "SET #path = :path ADD #open :mine",
      ConditionExpression: replace ? "#open = :seen" : "attribute_not_exists(#open) OR #path = :path",
      ExpressionAttributeNames: { "#path": "path", "#open": "open" },
      ExpressionAttributeValues: {
        ":path": path,
        ":mine": new Set([entry]),
        ...(replace && { ":seen": new Set(takeOver) }),
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
    },
  };
}
