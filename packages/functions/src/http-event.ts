import * as z from "zod";

/**
 * What API Gateway's HTTP API calls a function with, payload format 2.0: what of it is read here. `hono/aws-lambda` would
 * do, but takes the path as it is, and this gateway has decoded it: an id with `#` in it would end the path.
 */
const HttpEvent = z.object({
  version: z.literal("2.0"),
  rawPath: z.string().startsWith("/"),
  rawQueryString: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  isBase64Encoded: z.boolean(),
  requestContext: z.object({
    domainName: z.string(),
    http: z.object({ method: z.string(), sourceIp: z.string() }),
  }),
});

/** The headers that the API reads. */
const READ = new Set([
  ...["authorization", "content-type", "content-length", "origin"],
  ...["access-control-request-method", "access-control-request-headers"],
]);

/** What the API is told of where a request comes from. */
export interface HttpSource {
  readonly sourceIp: string;
}

/** The path as it was sent, but for what stood in it as `%2F` or `%3F`: that is lost (see `GET /api/requests?id=`). */
const encoded = (path: string): string => encodeURI(path).replace(/[?#]/g, encodeURIComponent);

/** @throws ZodError for an event that is not API Gateway's. */
export function requestOf(event: unknown): { readonly request: Request; readonly source: HttpSource } {
  const { rawPath, rawQueryString, headers, body, isBase64Encoded, requestContext } = HttpEvent.parse(event);
  const { domainName, http } = requestContext;
  const url = `https://${domainName}${encoded(rawPath)}${rawQueryString === "" ? "" : `?${rawQueryString}`}`;
  const init = {
    method: http.method,
    headers: Object.entries(headers).filter(([name]) => READ.has(name.toLowerCase())),
    ...(body !== undefined && { body: isBase64Encoded ? Buffer.from(body, "base64") : body }),
  } satisfies RequestInit;
  return { request: new Request(url, init), source: { sourceIp: http.sourceIp } };
}

/** The answer as that gateway takes it. The API answers in text and sets no cookies. */
export const answerOf = async (response: Response) => ({
  statusCode: response.status,
  headers: Object.fromEntries(response.headers),
  body: await response.text(),
  isBase64Encoded: false,
});
