import { runInNewContext } from "node:vm";
import * as z from "zod";
import type { Stack } from "./stack.ts";

const Keys = z.object({ namespace: z.string(), entries: z.record(z.string(), z.string()) });

interface Asked {
  /** Of the object that the bucket is asked for, with its first slash. */
  readonly key: string;
  readonly origin: unknown;
}

interface Event {
  readonly request: { uri: string; headers: object; cookies?: object };
}

/** The function that StaticSite puts before a site, run over the keys that would be in its store. */
export function edgeOf(stack: Stack, site: string): (path: string) => Promise<Asked> {
  const code = z.string().parse(stack.one("edge", `${site}CloudfrontFunctionRequest`).inputs["code"]);
  const { namespace, entries } = Keys.parse(stack.one("done", `${site}KvKeys.sst.aws.KvKeys`).inputs);
  const store = new Map(Object.entries(entries).map(([key, value]) => [`${namespace}:${key}`, value]));
  const body = code.replace('import cf from "cloudfront";', "");
  return async (path) => {
    const origins: unknown[] = [];
    const cf = {
      kvs: () => ({
        async get(key: string): Promise<string> {
          const value = store.get(key);
          if (value === undefined) throw new Error(`KeyNotFound: ${key}`);
          return value;
        },
      }),
      updateRequestOrigin: (origin: unknown) => void origins.push(structuredClone(origin)),
    };
    const handler: (event: Event) => Promise<Event["request"]> = runInNewContext(`${body}\nhandler;`, { cf });
    const { uri } = await handler({ request: { uri: path, headers: {}, cookies: {} } });
    return { key: uri, origin: origins.at(-1) };
  };
}
