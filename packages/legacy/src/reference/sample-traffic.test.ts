import { readFileSync } from "node:fs";
import { BridgeError, openEnvelope, SqsRecord } from "@crossfade/bridge";
import { describe, expect, test } from "vitest";
import { webcat } from "../migration.ts";
import { FAULTS } from "./sample-faults.ts";
import { readSampleLines, SampleFileError, type SampleLine, sampleText } from "./sample-line.ts";
import { sampleTraffic } from "./sample-traffic.ts";
import { EXAMPLES, exampleText, exampleUrl } from "./write-examples.ts";

const TOPIC = "arn:aws:sns:eu-west-1:000000000000:webcat-registrations";

/** The record in which the bridge gets a line: registrations come wrapped, the others as they are. */
function recordOf(line: SampleLine): SqsRecord {
  const text = sampleText(line);
  const wrapped = JSON.stringify({ Type: "Notification", TopicArn: TOPIC, Message: text });
  return SqsRecord.parse({
    messageId: "m-1",
    receiptHandle: "r-1",
    body: line.source === "registrations" ? wrapped : text,
    attributes: { SentTimestamp: "1772445000000", ApproximateReceiveCount: "1" },
    eventSourceARN: `arn:aws:sqs:eu-west-1:000000000000:webcat-${line.source}`,
  });
}

/** The code with which the bridge refuses a line; "accepted" when it does not. */
function codeOf(line: SampleLine): string {
  try {
    const { body } = openEnvelope(recordOf(line), line.source === "registrations" ? [TOPIC] : []);
    webcat.routeOf(body).parse(body);
    return "accepted";
  } catch (error) {
    if (error instanceof BridgeError && error.disposition === "reject") return error.code;
    throw error;
  }
}

describe.each(Object.entries(EXAMPLES))("examples/%s", (name, options) => {
  const text = readFileSync(exampleUrl(name), "utf8");
  const lines = readSampleLines(text);

  test("is what write-examples.ts makes", () => {
    expect(text).toBe(exampleText(options));
  });

  test("holds as many lines as it should, each with its own outcome at the bridge", () => {
    expect(lines).toHaveLength(options.messages);
    for (const line of lines) expect([line, codeOf(line)]).toEqual([line, line.expect ?? "accepted"]);
  });

  test("mixes all types, some invalid and some encoded twice", () => {
    const share = (has: (line: SampleLine) => boolean) => lines.filter(has).length / lines.length;
    const ofType = (type: string) => share((line) => "body" in line && line.body["type"] === type);
    expect(share((line) => line.expect !== undefined)).toBeCloseTo(0.04, 1);
    expect(share((line) => "text" in line && line.expect === undefined)).toBeGreaterThan(0.005);
    for (const type of webcat.routes.keys()) expect(ofType(type)).toBeGreaterThan(0.08);
    expect(ofType("REGISTER_DOMAIN")).toBeGreaterThan(ofType("RENEW_DOMAIN"));
  });

  test("comes back to some domains while they are in use", () => {
    const domains = lines.flatMap((line) => ("body" in line ? [line.body["domain"]] : []));
    const close = domains.filter((domain, index) => domains.slice(Math.max(0, index - 5), index).includes(domain));
    expect(close.length / domains.length).toBeGreaterThan(0.1);
  });
});

describe("sample traffic", () => {
  test("the big example shows every fault", () => {
    const lines = [...sampleTraffic(EXAMPLES["webcat.jsonl"] ?? { seed: 0, messages: 0 })];
    const expected = new Set(FAULTS.map((fault) => fault.expect));
    expect(new Set(lines.flatMap((line) => line.expect ?? []))).toEqual(expected);
    expect(lines.filter((line) => line.expect !== undefined).length).toBeGreaterThan(FAULTS.length);
  });

  test("another seed gives other requests, and every request has its own id", () => {
    const ids = [1, 2].flatMap((seed) =>
      [...sampleTraffic({ seed, messages: 100 })].flatMap((line) => ("body" in line ? [line.body["requestId"]] : [])),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("a traffic file", () => {
  const good = '{"source":"refreshes","body":{"type":"REFRESH_DOMAIN"}}';

  test("is read line by line; empty lines and the mark of UTF-8 do not matter", () => {
    expect(readSampleLines(`\ufeff${good}\r\n\n${good}\n`)).toHaveLength(2);
  });

  test.each([
    ["line 2 is not JSON", `${good}\n{`],
    ["line 3 is no message", `${good}\n\n{"source":"post","body":{}}`],
    ["line 1 is no message", '{"source":"dns"}'],
    ["line 1 is no message", '{"source":"dns","body":{},"text":"x"}'],
    ["line 1 is no message", '["dns"]'],
    ["the file holds no message", " \n"],
  ])("%s: it says so, and what to do", (start, text) => {
    expect(() => readSampleLines(text)).toThrow(SampleFileError);
    expect(() => readSampleLines(text)).toThrow(start);
    expect(() => readSampleLines(text)).toThrow('write one JSON object a line, like {"source":"registrations"');
  });
});
