/** How the embedded cloud's own parts, and its tests, reach its servers: the real SDK, with keys that mean nothing. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export const DUMMY_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" } as const;

export function clientOptions(endpoint: string, region: string): ClientOptions {
  return { endpoint, region, credentials: DUMMY_CREDENTIALS };
}
