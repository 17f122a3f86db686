import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { webcat } from "@crossfade/legacy";

/** One image of a row, in the order of the writes. */
export interface Image {
  readonly requestId: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Everything that was ever written to the tracking table, from its stream. */
export async function rowHistory(streamArn: string): Promise<Image[]> {
  const client = new DynamoDBStreamsClient({});
  const images: Image[] = [];
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn: streamArn }));
  for (const { ShardId } of StreamDescription?.Shards ?? []) {
    const start = new GetShardIteratorCommand({ StreamArn: streamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" });
    let { ShardIterator } = await client.send(start);
    while (ShardIterator !== undefined) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator }));
      for (const { dynamodb } of page.Records ?? []) {
        if (dynamodb?.NewImage === undefined) continue;
        const row = unmarshall(dynamodb.NewImage);
        images.push({ requestId: String(row["requestId"]), row });
      }
      if ((page.Records ?? []).length === 0) break;
      ShardIterator = page.NextShardIterator;
    }
  }
  client.destroy();
  return images;
}

const isEnded = (row: Image["row"]): boolean => {
  const phase = webcat.tracking.read(row)?.phase;
  return phase === "completed" || phase === "failed";
};

/**
 * Rows that went back to an older state: a fenced write over a greater fence, and a row whose end was overwritten (by
 * the old publisher's late write) and not put right by the end of the run.
 */
export function statusRegressions(images: readonly Image[]): number {
  const byRow = Map.groupBy(images, (image) => image.requestId);
  let regressions = 0;
  for (const history of byRow.values()) {
    let greatest = -1;
    for (const { row } of history) {
      const fence = row[webcat.tracking.fenceAttribute];
      if (typeof fence !== "number") continue;
      if (fence < greatest) regressions++;
      greatest = Math.max(greatest, fence);
    }
    const last = history.at(-1);
    if (last !== undefined && !isEnded(last.row) && history.some(({ row }) => isEnded(row))) regressions++;
  }
  return regressions;
}
