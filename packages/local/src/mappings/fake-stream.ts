import { createServer, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import * as z from "zod";

const Call = z.object({
  ExclusiveStartShardId: z.string().optional(),
  ShardId: z.string().optional(),
  ShardIteratorType: z.string().optional(),
  SequenceNumber: z.string().optional(),
  ShardIterator: z.string().optional(),
});

interface FakeShard {
  readonly parent: string | undefined;
  readonly records: object[];
  closed: boolean;
}

/**
 * A stream whose shards the test opens, fills and closes, for dynoxide has but one shard. It speaks the protocol of
 * DynamoDB Streams, one shard to a DescribeStream page and two records to a read. Sequence numbers are positions.
 */
export async function startFakeStream() {
  const shards = new Map<string, FakeShard>();
  const opened: string[] = [];
  let refuseNextRead: string | undefined;

  function shard(id: string | undefined): FakeShard {
    const found = id === undefined ? undefined : shards.get(id);
    if (found === undefined) throw new Error("ResourceNotFoundException");
    return found;
  }

  function answer(action: string, call: z.infer<typeof Call>): object {
    if (action === "DescribeStream") {
      const ids = [...shards.keys()];
      const at = call.ExclusiveStartShardId === undefined ? 0 : ids.indexOf(call.ExclusiveStartShardId) + 1;
      const ShardId = ids[at];
      const Shards = ShardId === undefined ? [] : [{ ShardId, ParentShardId: shard(ShardId).parent }];
      return { StreamDescription: { Shards, ...(at + 1 < ids.length && { LastEvaluatedShardId: ShardId }) } };
    }
    if (action === "GetShardIterator") {
      const { records } = shard(call.ShardId);
      opened.push(`${call.ShardId} ${call.ShardIteratorType}${call.SequenceNumber ? ` ${call.SequenceNumber}` : ""}`);
      const start = { TRIM_HORIZON: 0, LATEST: records.length }[call.ShardIteratorType ?? ""];
      return { ShardIterator: `${call.ShardId}/${start ?? Number(call.SequenceNumber) + 1}` };
    }
    const refusal = refuseNextRead;
    refuseNextRead = undefined;
    if (refusal !== undefined) throw new Error(refusal);
    const [id, from] = (call.ShardIterator ?? "").split("/");
    const { records, closed } = shard(id);
    const Records = records.slice(Number(from), Number(from) + 2);
    const next = Number(from) + Records.length;
    return { Records, ...(!(closed && next === records.length) && { NextShardIterator: `${id}/${next}` }) };
  }

  async function respond(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const action = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
    try {
      return { status: 200, body: answer(action, Call.parse(await json(request))) };
    } catch (error) {
      const name = error instanceof Error ? error.message : String(error);
      return { status: 400, body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name } };
    }
  }

  const server = createServer(async (request, response) => {
    const { status, body } = await respond(request);
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());

  return {
    endpoint: `http://127.0.0.1:${port}`,
    /** The iterators asked for, as "shard type [sequence number]". */
    opened,
    open: (id: string, parent?: string) => shards.set(id, { parent, records: [], closed: false }),
    append(id: string, key: string, n: number): void {
      const { records } = shard(id);
      records.push({
        eventID: `${id}-${records.length}`,
        eventName: "MODIFY",
        dynamodb: {
          ApproximateCreationDateTime: 1_763_715_600,
          Keys: { id: { S: key } },
          NewImage: { n: { N: String(n) } },
          SequenceNumber: String(records.length),
          SizeBytes: 8,
          StreamViewType: "NEW_IMAGE",
        },
      });
    },
    closeShard(id: string): void {
      shard(id).closed = true;
    },
    /** The next GetRecords fails with this error, once. */
    refuseRead(error: string): void {
      refuseNextRead = error;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
