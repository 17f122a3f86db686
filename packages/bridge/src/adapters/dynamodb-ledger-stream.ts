import * as z from "zod";
import { ClaimImage, maySayMore, NO_ROUTE, type Sighting } from "../compare/index.ts";
import { RouteType } from "../ids.ts";
import type { RejectedMessage } from "../ports.ts";
import { Path } from "../rollout.ts";
import { rowFromImage } from "./dynamodb-stream.ts";

const Image = z.record(z.string(), z.unknown());

/** A record of the ledger's stream as Lambda delivers it (Lambda guide, "Using AWS Lambda with Amazon DynamoDB"). */
export const LedgerRecord = z.object({
  eventName: z.enum(["INSERT", "MODIFY", "REMOVE"]),
  dynamodb: z.object({
    SequenceNumber: z.string(),
    /** Seconds since the epoch. */
    ApproximateCreationDateTime: z.number(),
    Keys: z.object({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }) }),
    NewImage: Image.optional(),
    OldImage: Image.optional(),
  }),
});
export type LedgerRecord = z.infer<typeof LedgerRecord>;

const Rejected = z.object({
  route: z.union([RouteType, z.literal(NO_ROUTE)]),
  path: Path.optional(),
  at: z.int().nonnegative(),
});

/** What a change of the ledger says that may have to be counted. */
export type LedgerChange =
  | { readonly kind: "claim"; readonly sighting: Sighting }
  | { readonly kind: "rejected"; readonly message: RejectedMessage }
  | { readonly kind: "nothing" };

const imageOf = (image: z.infer<typeof Image>): ClaimImage => ClaimImage.parse(rowFromImage(image));

/** @throws ZodError for a claim, or a note of a refused message, that is none. */
export function ledgerChange({ eventName, dynamodb }: LedgerRecord): LedgerChange {
  const { Keys, NewImage, OldImage, ApproximateCreationDateTime } = dynamodb;
  if (NewImage === undefined) return { kind: "nothing" };
  if (Keys.sk.S === "CLAIM") {
    const claim = imageOf(NewImage);
    if (OldImage !== undefined && !maySayMore(imageOf(OldImage), claim)) return { kind: "nothing" };
    return { kind: "claim", sighting: { claim, at: Math.floor(ApproximateCreationDateTime * 1000) } };
  }
  if (Keys.sk.S !== "REJECTED" || eventName !== "INSERT") return { kind: "nothing" };
  const messageId = Keys.pk.S.slice("REJECTED#".length);
  return { kind: "rejected", message: { messageId, ...Rejected.parse(rowFromImage(NewImage)) } };
}
