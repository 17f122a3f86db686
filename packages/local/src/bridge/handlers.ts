import { fileURLToPath } from "node:url";
import * as z from "zod";
import type { Handler } from "../contract.ts";

const Loaded = z.record(z.string(), z.unknown());
const ROOT = new URL("../../../../", import.meta.url);

const isHandler = (value: unknown): value is Handler => typeof value === "function";

/**
 * The handler of a module, by `path/from/the/root.export`. It is loaded at its first call, as in a cold start: it reads its
 * environment then.
 */
export function handlerAt(path: string): Handler {
  const dot = path.lastIndexOf(".");
  const file = fileURLToPath(new URL(`${path.slice(0, dot)}.ts`, ROOT));
  let loaded: Promise<Handler> | undefined;
  const load = async (): Promise<Handler> => {
    const found = Loaded.parse({ ...(await import(file)) })[path.slice(dot + 1)];
    if (!isHandler(found)) throw new TypeError(`${path} is no function`);
    return found;
  };
  return async (event, context) => {
    loaded ??= load();
    return (await loaded)(event, context);
  };
}
