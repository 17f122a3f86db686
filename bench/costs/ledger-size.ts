import { paginateScan } from "@aws-sdk/client-dynamodb";
import { toWireItem, type WireItem, type WireValue } from "@crossfade/local/records";
import type { CountedWorld } from "./world.ts";

const bytes = (text: string): number => Buffer.byteLength(text);

/** Half a byte a digit; the zeros at the end of an epoch count here and not on AWS, so that it matters not when we look. */
const numberSize = (text: string): number => Math.ceil(text.length / 2) + 1;

/** Sizes as AWS counts them (DynamoDB developer guide, "Item sizes and formats"). */
function valueSize(value: WireValue): number {
  if ("S" in value) return bytes(value.S);
  if ("N" in value) return numberSize(value.N);
  if ("B" in value) return Buffer.from(value.B, "base64").length;
  if ("BOOL" in value || "NULL" in value) return 1;
  if ("SS" in value) return sum(value.SS.map(bytes));
  if ("NS" in value) return sum(value.NS.map(numberSize));
  if ("BS" in value) return sum(value.BS.map((text) => Buffer.from(text, "base64").length));
  if ("L" in value) return 3 + sum(value.L.map((each) => 1 + valueSize(each)));
  return 3 + itemSize(value.M) + Object.keys(value.M).length;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

const itemSize = (item: WireItem): number =>
  sum(Object.entries(item).map(([name, value]) => bytes(name) + valueSize(value)));

/** What is charged of an item in store, beside itself. */
const OVERHEAD = 100;

/** What is kept by the hour and not by the request. */
const isCount = ({ pk }: WireItem): boolean => pk !== undefined && "S" in pk && pk.S.startsWith("COUNT#");

/** Bytes for which the ledger's storage is charged on account of requests, and those of the largest of these items. */
export async function ledgerOf({ dynamodb, bridge }: CountedWorld) {
  const sizes: number[] = [];
  const pages = paginateScan({ client: dynamodb }, { TableName: bridge.ledgerTable, ConsistentRead: true });
  for await (const { Items = [] } of pages) {
    const kept = Items.map(toWireItem).filter((item) => !isCount(item));
    sizes.push(...kept.map(itemSize));
  }
  return { bytes: sum(sizes) + sizes.length * OVERHEAD, largest: Math.max(...sizes) };
}
