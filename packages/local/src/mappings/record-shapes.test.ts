import type { _Record } from "@aws-sdk/client-dynamodb-streams";
import type { Message } from "@aws-sdk/client-sqs";
import { describe, expect, test } from "vitest";
import { toSqsRecord, toStreamRecord, toWireItem } from "./record-shapes.ts";

const queueArn = "arn:aws:sqs:eu-north-1:000000000000:orders.fifo";
const message: Message = {
  MessageId: "5e3a0c0c-4a3f-4d38-b1a1-0f6a3e0f7a10",
  ReceiptHandle: "handle",
  Body: "{}",
  MD5OfBody: "99914b932bd37a50b983c5e7c90ae93b",
  Attributes: {
    ApproximateReceiveCount: "2",
    SentTimestamp: "1763715600000",
    SenderId: "AIDAEXAMPLE",
    ApproximateFirstReceiveTimestamp: "1763715600100",
    MessageGroupId: "request-1",
    MessageDeduplicationId: "request-1",
    SequenceNumber: "18849496460467696128",
  },
};

describe("SQS", () => {
  test("a FIFO message keeps its group, deduplication id and sequence number", () => {
    expect(toSqsRecord(message, queueArn)).toEqual({
      messageId: "5e3a0c0c-4a3f-4d38-b1a1-0f6a3e0f7a10",
      receiptHandle: "handle",
      body: "{}",
      attributes: message.Attributes,
      messageAttributes: {},
      md5OfBody: "99914b932bd37a50b983c5e7c90ae93b",
      eventSource: "aws:sqs",
      eventSourceARN: queueArn,
      awsRegion: "eu-north-1",
    });
  });

  test("an empty body is a body", () => {
    expect(toSqsRecord({ ...message, Body: "" }, queueArn).body).toBe("");
  });

  test("attributes take Lambda's spelling, custom type labels included", () => {
    const MessageAttributes = {
      price: { DataType: "Number.EUR", StringValue: "12.50" },
      blob: { DataType: "Binary.png", BinaryValue: Uint8Array.of(0, 255) },
    };
    expect(toSqsRecord({ ...message, MessageAttributes }, queueArn).messageAttributes).toEqual({
      price: { dataType: "Number.EUR", stringValue: "12.50", stringListValues: [], binaryListValues: [] },
      blob: { dataType: "Binary.png", binaryValue: "AP8=", stringListValues: [], binaryListValues: [] },
    });
  });

  test.each(["MessageId", "ReceiptHandle", "Body", "MD5OfBody"] as const)("refuses a message without %s", (field) => {
    expect(() => toSqsRecord({ ...message, [field]: undefined }, queueArn)).toThrow(field);
  });

  test("refuses a queue that is no ARN", () => {
    expect(() => toSqsRecord(message, "orders.fifo")).toThrow("orders.fifo");
  });
});

const streamArn = "arn:aws:dynamodb:eu-north-1:000000000000:table/tracking/stream/2025-11-21T09:00:00.000";
const record: _Record = {
  eventID: "1",
  eventName: "REMOVE",
  eventSource: "aws:dynamodb",
  dynamodb: {
    ApproximateCreationDateTime: new Date(1_763_715_600_999),
    Keys: { id: { S: "x" } },
    SequenceNumber: "100000000000000000001",
    SizeBytes: 12,
    StreamViewType: "KEYS_ONLY",
  },
};

describe("DynamoDB streams", () => {
  test("a record without images has none; time is in whole seconds; region and version are filled in", () => {
    expect(toStreamRecord(record, streamArn)).toEqual({
      eventID: "1",
      eventName: "REMOVE",
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: "eu-north-1",
      eventSourceARN: streamArn,
      dynamodb: {
        ApproximateCreationDateTime: 1_763_715_600,
        Keys: { id: { S: "x" } },
        SequenceNumber: "100000000000000000001",
        SizeBytes: 12,
        StreamViewType: "KEYS_ONLY",
      },
    });
  });

  test("a deletion by TTL says who did it", () => {
    const userIdentity = { Type: "Service", PrincipalId: "dynamodb.amazonaws.com" };
    expect(toStreamRecord({ ...record, userIdentity }, streamArn).userIdentity).toEqual({
      type: "Service",
      principalId: "dynamodb.amazonaws.com",
    });
  });

  test("every type of value keeps its wire form, falsy ones included", () => {
    expect(
      toWireItem({
        text: { S: "" },
        number: { N: "0" },
        bytes: { B: Uint8Array.of(104, 105) },
        no: { BOOL: false },
        nothing: { NULL: true },
        texts: { SS: ["a"] },
        numbers: { NS: ["1", "2.5"] },
        blobs: { BS: [Uint8Array.of(255)] },
        list: { L: [{ N: "1" }, { L: [] }, { B: Uint8Array.of() }] },
        map: { M: { inner: { M: { deep: { B: Uint8Array.of(1) } } } } },
      }),
    ).toEqual({
      text: { S: "" },
      number: { N: "0" },
      bytes: { B: "aGk=" },
      no: { BOOL: false },
      nothing: { NULL: true },
      texts: { SS: ["a"] },
      numbers: { NS: ["1", "2.5"] },
      blobs: { BS: ["/w=="] },
      list: { L: [{ N: "1" }, { L: [] }, { B: "" }] },
      map: { M: { inner: { M: { deep: { B: "AQ==" } } } } },
    });
  });

  test("refuses a value of no known type", () => {
    expect(() => toWireItem({ odd: { $unknown: ["X", 1] } })).toThrow("not a DynamoDB value");
  });
});
