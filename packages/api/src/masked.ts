import { maskText, type See } from "@crossfade/bridge/console";

/** Lists of customers: how many there are is no secret, who they are is. */
const LISTS = new Set(["include", "exclude"]);
/** Customers' data, wherever a view has it. */
const PERSONAL = new Set(["personal", "body", "attributes", "cohortKey"]);
/** What people write: a customer's address or number may stand in it. */
const FREE = new Set(["reason"]);
/** Masked when it was kept; its own keys are those of an adopter's outcomes, and mean nothing here. */
const KEPT = new Set(["sample"]);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const maskList = (list: unknown): unknown =>
  Array.isArray(list) ? list.map((_, index) => `[masked ${index + 1}]`) : [];

function mask(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mask);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !PERSONAL.has(key))
      .map(([key, field]) => {
        if (LISTS.has(key)) return [key, maskList(field)];
        if (key === "cohorts" && isRecord(field)) {
          const { examples: _, ...counts } = field;
          return [key, counts];
        }
        if (FREE.has(key) && typeof field === "string") return [key, maskText(field, [], () => "[masked]")];
        return [key, KEPT.has(key) ? field : mask(field)];
      }),
  );
}

/**
 * What a view may show. The use cases leave personal data out by themselves where they are told to; this takes it from
 * every answer, so that one that forgets shows nothing either.
 */
export const visible = (view: unknown, see: See): unknown => (see === "all" ? view : mask(view));
