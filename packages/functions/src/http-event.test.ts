import { describe, expect, it } from "vitest";
import { answerOf, requestOf } from "./http-event.ts";

/** As in AWS's guide, "AWS Lambda proxy integrations for HTTP APIs", payload format 2.0. */
const event = {
  version: "2.0",
  routeKey: "$default",
  rawPath: "/api/overview",
  rawQueryString: "hours=6",
  headers: {
    authorization: "Bearer abc",
    origin: "https://d.example",
    "x-forwarded-for": "192.0.2.7",
    "x-junk": "\u2028",
  },
  requestContext: {
    accountId: "000000000000",
    domainName: "id.execute-api.eu-west-1.amazonaws.com",
    http: { method: "GET", path: "/api/overview", protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "agent" },
  },
  isBase64Encoded: false,
};

describe("an event of API Gateway", () => {
  it("is a request, with what the API reads of it", () => {
    const { request, source } = requestOf(event);
    expect([request.method, request.url]).toEqual([
      "GET",
      "https://id.execute-api.eu-west-1.amazonaws.com/api/overview?hours=6",
    ]);
    expect(Object.fromEntries(request.headers)).toEqual({ authorization: "Bearer abc", origin: "https://d.example" });
    expect(source).toEqual({ sourceIp: "192.0.2.1" });
  });

  it("has its path decoded, which is undone", () => {
    const path = (rawPath: string) =>
      new URL(requestOf({ ...event, rawPath }).request.url).pathname.split("/").map(decodeURIComponent).join("/");
    for (const rawPath of ["/api/requests/a#b", "/api/requests/50%", "/api/requests/ä ö", "/api/requests/a%20b"])
      expect(path(rawPath)).toBe(rawPath);
  });

  it("keeps its query as it was sent", () => {
    const { url } = requestOf({ ...event, rawQueryString: "id=a%2Fb%3Fc%23" }).request;
    expect(new URL(url).searchParams.get("id")).toBe("a/b?c#");
  });

  it.each([
    ["text", '{"reason":"ä"}', false],
    ["base64", Buffer.from('{"reason":"ä"}').toString("base64"), true],
  ])("has a body as %s", async (_, body, isBase64Encoded) => {
    const http = { ...event.requestContext.http, method: "POST" };
    const { request } = requestOf({
      ...event,
      body,
      isBase64Encoded,
      requestContext: { ...event.requestContext, http },
    });
    expect(await request.json()).toEqual({ reason: "ä" });
  });

  it("of another kind is refused", () => {
    expect(() => requestOf({ ...event, version: "1.0" })).toThrow(/version/);
    expect(() => requestOf({ Records: [] })).toThrow();
  });
});

it("an answer has its status, headers and text", async () => {
  expect(await answerOf(Response.json({ ok: true }, { status: 409, headers: { "Retry-After": "2" } }))).toEqual({
    statusCode: 409,
    headers: { "content-type": "application/json", "retry-after": "2" },
    body: '{"ok":true}',
    isBase64Encoded: false,
  });
});
