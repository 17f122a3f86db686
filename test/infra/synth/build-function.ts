import { existsSync, mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import * as z from "zod";

/** The options that SST's own builder reads; others it would ignore without a word, and here they are refused. */
const Esbuild = z.strictObject({
  target: z.string().optional(),
  keepNames: z.boolean().optional(),
  define: z.record(z.string(), z.string()).optional(),
  external: z.array(z.string()).optional(),
  nodePaths: z.array(z.string()).optional(),
  mainFields: z.array(z.string()).optional(),
  conditions: z.array(z.string()).optional(),
});

const Nodejs = z.strictObject({
  architecture: z.enum(["arm64", "x86_64"]),
  minify: z.boolean().default(false),
  sourcemap: z.boolean().optional(),
  splitting: z.boolean().default(false),
  banner: z.string().default(""),
  /** A module, from the root, whose default export is a list of esbuild plugins. */
  plugins: z.string().optional(),
  esbuild: Esbuild.default({}),
});

export const BuildRequest = z.object({
  functionID: z.string(),
  handler: z.string(),
  runtime: z.literal("nodejs24.x"),
  properties: Nodejs,
});
export type BuildRequest = z.infer<typeof BuildRequest>;

/** What SST prepends to an ESM bundle: CommonJS parts of it ask for these names. */
const BANNER = [
  "import { createRequire as topLevelCreateRequire } from 'module';",
  "const require = topLevelCreateRequire(import.meta.url);",
  'import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"',
  "const __filename = topLevelFileUrlToPath(import.meta.url)",
  'const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))',
];

const EXTENSIONS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

async function pluginsOf(root: string, path: string | undefined): Promise<Plugin[]> {
  if (path === undefined) return [];
  const module: { default: Plugin[] } = await import(pathToFileURL(join(root, path)).href);
  return module.default;
}

export interface Built {
  readonly handler: string;
  readonly out: string;
  readonly errors: readonly string[];
  readonly sourcemaps: readonly string[];
}

/** The module of a handler; undefined where there is none. */
const sourceOf = (root: string, handler: string): string | undefined => {
  const stem = handler.slice(0, -extname(handler).length);
  return EXTENSIONS.map((extension) => join(root, stem + extension)).find(existsSync);
};

/** Only looks for the handler: where nobody will run it. */
export function findFunction(root: string, work: string, { functionID, handler }: BuildRequest): Built {
  const out = join(work, "artifacts", `${functionID}-src`);
  const errors = sourceOf(root, handler) === undefined ? [`Handler not found: ${handler}`] : [];
  mkdirSync(out, { recursive: true });
  return { handler: `bundle${extname(handler)}`, out, errors, sourcemaps: [] };
}

/** Bundles a function as SST does when it deploys, into `<work>/artifacts/<function>-src`. */
export async function buildFunction(root: string, work: string, request: BuildRequest): Promise<Built> {
  const { functionID, handler, properties } = request;
  const out = join(work, "artifacts", `${functionID}-src`);
  const failed = (error: string): Built => ({ handler: "", out, errors: [error], sourcemaps: [] });
  const source = sourceOf(root, handler);
  if (source === undefined) return failed(`Handler not found: ${handler}`);
  await rm(out, { recursive: true, force: true });
  const { esbuild, minify, splitting, sourcemap } = properties;
  const { metafile } = await build({
    entryPoints: { bundle: source },
    outdir: out,
    outExtension: { ".js": ".mjs" },
    absWorkingDir: root,
    bundle: true,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "es2024",
    keepNames: true,
    mainFields: ["module", "main"],
    // Only where it is asked for does SST leave the map in the bundle: else it keeps it elsewhere, or makes none.
    sourcemap: sourcemap === true && "linked",
    logLevel: "silent",
    minify,
    splitting,
    banner: { js: [...BANNER, properties.banner].join("\n") },
    plugins: await pluginsOf(root, properties.plugins),
    ...Object.fromEntries(Object.entries(esbuild).filter(([, value]) => value !== undefined)),
    external: ["sharp", "pg-native", ...(esbuild.external ?? [])],
  });
  const name = extname(handler).slice(1);
  const exports = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined)?.exports ?? [];
  // SST would deploy it, and its first call would fail.
  if (!exports.includes(name)) return failed(`${source} exports no ${name}: ${exports.join(", ")}`);
  return { handler: `bundle.${name}`, out, errors: [], sourcemaps: [] };
}
