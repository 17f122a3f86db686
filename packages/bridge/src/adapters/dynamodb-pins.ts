import type { Pin } from "../claim.ts";
import { Lane } from "../rollout.ts";
import { type Item, stringsOf } from "./dynamodb-client.ts";
import { pinItemKey } from "./dynamodb-keys.ts";

/** A pin is a set of entries: an empty set is no attribute, so that a free pin needs no deletion. */
export const pinOf = (item: Item | undefined): Pin => ({
  lane: Lane.catch("legacy").parse(item?.["lane"]),
  entries: stringsOf(item?.["open"]),
});

/** Joins the pin if it is free or on our lane; with `takeOver`, replaces exactly the entries that were seen (A3). */
export function joinPin(
  table: string,
  pinKey: string,
  lane: Lane,
  entries: readonly string[],
  takeOver: readonly string[] = [],
) {
  const replace = takeOver.length > 0;
  return {
    Update: {
      TableName: table,
      Key: pinItemKey(pinKey),
      UpdateExpression: replace ? "SET lane = :lane, #open = :mine" : "SET lane = :lane ADD #open :mine",
      ConditionExpression: replace ? "#open = :seen" : "attribute_not_exists(#open) OR lane = :lane",
      ExpressionAttributeNames: { "#open": "open" },
      ExpressionAttributeValues: {
        ":lane": lane,
        ":mine": new Set(entries),
        ...(replace && { ":seen": new Set(takeOver) }),
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
    },
  };
}
