import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Under it `#contract`, as the functions import it, is the example's: see packages/functions/package.json. */
const CONDITION = "parcels";

/** Parts of the AWS SDK are CommonJS, and ask for this name. */
const BANNER = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/** Bundled modules in a folder of their own. */
export interface Bundles {
  /** The bundle of a handler, `path/from/the/root.export`, or of a program, `path/from/the/root`. */
  of(handler: string): { readonly file: string; readonly export: string };
  remove(): Promise<void>;
}

/** Splits `path/from/the/root.export`; a program exports nothing. */
function parts(handler: string): readonly [path: string, exported: string] {
  const dot = handler.lastIndexOf(".");
  return dot === -1 ? [handler, ""] : [handler.slice(0, dot), handler.slice(dot + 1)];
}

/** Bundles each of them apart from the others, as it would be deployed, with the example's contract in it. */
export async function bundle(handlers: readonly string[]): Promise<Bundles> {
  const outdir = await mkdtemp(join(tmpdir(), "parcels-"));
  const paths = new Set(handlers.map((handler) => parts(handler)[0]));
  await build({
    entryPoints: Object.fromEntries([...paths].map((path) => [path, join(ROOT, `${path}.ts`)])),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2024",
    mainFields: ["module", "main"],
    banner: { js: BANNER },
    conditions: [CONDITION, "module"],
    logLevel: "warning",
  });
  return {
    of(handler) {
      const [path, exported] = parts(handler);
      return { file: join(outdir, `${path}.mjs`), export: exported };
    },
    remove: () => rm(outdir, { recursive: true }),
  };
}
