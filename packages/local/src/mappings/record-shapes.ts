import type { _Record, AttributeValue } from "@aws-sdk/client-dynamodb-streams";
import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";
import { regionOf } from "./mapping.ts";

/** A message attribute in Lambda's spelling. The lists are reserved by AWS and always empty. */
export interface LambdaMessageAttribute {
  readonly stringValue?: string;
  /** base64 */
  readonly binaryValue?: string;
  readonly stringListValues: readonly string[];
  readonly binaryListValues: readonly string[];
  readonly dataType: string;
}

/** One record of an SQS event (Lambda guide, "Using Lambda with Amazon SQS"). */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** System attributes as SQS gave them; the times in it are epoch milliseconds. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, LambdaMessageAttribute>>;
  readonly md5OfMessageAttributes?: string;
  readonly md5OfBody: string;
  readonly eventSource: "aws:sqs";
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

/** A DynamoDB value as it goes over the wire: binary as base64, numbers as text. */
export type WireValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly WireValue[] }
  | { readonly M: WireItem };
export type WireItem = { readonly [name: string]: WireValue };

/** One record of a DynamoDB stream event (Lambda guide, "Using AWS Lambda with Amazon DynamoDB"). */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly eventVersion: string;
  readonly eventSource: "aws:dynamodb";
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  /** Only on deletions by TTL. */
  readonly userIdentity?: { readonly type: string; readonly principalId: string };
  readonly dynamodb: {
    /** Epoch seconds, whole. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: WireItem;
    readonly NewImage?: WireItem;
    readonly OldImage?: WireItem;
    readonly SequenceNumber: string;
    /** Bytes. */
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
}

/** Throws where SQS left out a field that it always gives. */
export function toSqsRecord(message: Message, queueArn: string): SqsRecord {
  const md5OfMessageAttributes = message.MD5OfMessageAttributes;
  return {
    messageId: present(message.MessageId, "MessageId"),
    receiptHandle: present(message.ReceiptHandle, "ReceiptHandle"),
    body: present(message.Body, "Body"),
    attributes: { ...message.Attributes },
    messageAttributes: mapValues(message.MessageAttributes ?? {}, toLambdaAttribute),
    ...(md5OfMessageAttributes !== undefined && { md5OfMessageAttributes }),
    md5OfBody: present(message.MD5OfBody, "MD5OfBody"),
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: regionOf(queueArn),
  };
}

function toLambdaAttribute(value: MessageAttributeValue): LambdaMessageAttribute {
  return {
    ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
    ...(value.BinaryValue !== undefined && { binaryValue: base64(value.BinaryValue) }),
    stringListValues: [],
    binaryListValues: [],
    dataType: present(value.DataType, "DataType"),
  };
}

/** Throws where the stream left out a field that it always gives. */
export function toStreamRecord(record: _Record, streamArn: string): StreamRecord {
  const change = present(record.dynamodb, "dynamodb");
  const created = present(change.ApproximateCreationDateTime, "ApproximateCreationDateTime");
  const identity = record.userIdentity;
  return {
    eventID: present(record.eventID, "eventID"),
    eventName: present(record.eventName, "eventName"),
    eventVersion: record.eventVersion ?? "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: record.awsRegion ?? regionOf(streamArn),
    eventSourceARN: streamArn,
    ...(identity?.Type !== undefined &&
      identity.PrincipalId !== undefined && {
        userIdentity: { type: identity.Type, principalId: identity.PrincipalId },
      }),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(created.getTime() / 1000),
      Keys: toWireItem(present(change.Keys, "Keys")),
      ...(change.NewImage && { NewImage: toWireItem(change.NewImage) }),
      ...(change.OldImage && { OldImage: toWireItem(change.OldImage) }),
      SequenceNumber: present(change.SequenceNumber, "SequenceNumber"),
      SizeBytes: present(change.SizeBytes, "SizeBytes"),
      StreamViewType: present(change.StreamViewType, "StreamViewType"),
    },
  };
}

export function toWireItem(item: Readonly<Record<string, AttributeValue>>): WireItem {
  return mapValues(item, toWireValue);
}

function toWireValue(value: AttributeValue): WireValue {
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.NULL !== undefined) return { NULL: true };
  if (value.SS !== undefined) return { SS: value.SS };
  if (value.NS !== undefined) return { NS: value.NS };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.L !== undefined) return { L: value.L.map(toWireValue) };
  if (value.M !== undefined) return { M: toWireItem(value.M) };
  throw new Error(`not a DynamoDB value: ${Object.keys(value).join(", ")}`);
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, convert: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, convert(value)]));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function present<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new Error(`the event source gave a record without ${field}`);
  return value;
}
