import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";

/** What the SST program leaves to node_modules. */
const EXTERNAL = [
  ..."@pulumi/* @pulumiverse/* @sst-provider/* @aws-sdk/* undici esbuild archiver glob vite".split(" "),
];

const BANNER = [
  "import { createRequire as topLevelCreateRequire } from 'module';",
  "const require = topLevelCreateRequire(import.meta.url);",
  'import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"',
  "const __filename = topLevelFileUrlToPath(import.meta.url)",
  'const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))',
];

/** sst.config.ts is read before anything is installed: it imports nothing at its top. */
const noTopLevelImports: Plugin = {
  name: "no-top-level-imports",
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ importer, kind, path }) =>
      basename(importer) === "sst.config.ts" && kind === "import-statement"
        ? { errors: [{ text: `sst.config.ts imports ${path} at its top: SST refuses that` }] }
        : undefined,
    );
  },
};

/** Every file of ours sees `aws` and `sst`, by imports put before its own first line. */
const globals = (platform: string): Plugin => ({
  name: "globals",
  setup({ onLoad }) {
    const shim = [`import * as aws from "@pulumi/aws";`, `import * as sst from "${platform}/src/components";`];
    // Nothing within a folder whose name begins with a dot, as SST's own does.
    const ours = new RegExp(`^${dirname(dirname(platform))}/[^.].*\\.(js|ts|jsx|tsx)$`);
    onLoad({ filter: ours }, async ({ path }) => {
      return { contents: `${shim.join("\n")}\n${await readFile(path, "utf8")}`, loader: "default" };
    });
  },
});

interface Bundling {
  readonly root: string;
  readonly platform: string;
  readonly outfile: string;
}

const common = ({ root, platform, outfile }: Bundling): BuildOptions => ({
  outfile,
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "esm",
  mainFields: ["module", "main"],
  nodePaths: [join(platform, "node_modules")],
  external: EXTERNAL,
  logLevel: "silent",
});

/** The module whose default export is what `app()` answers, as SST evaluates it first of all. */
export async function bundleApp(given: Bundling, stage: string): Promise<void> {
  await build({
    ...common(given),
    banner: { js: [...BANNER, "function $config(input) { return input }"].join("\n") },
    stdin: {
      contents: `import config from "./sst.config.ts"; export default await config.app(${JSON.stringify({ stage })});`,
      resolveDir: given.root,
      loader: "ts",
    },
    plugins: [noTopLevelImports],
  });
}

/** The module that runs the config with SST's components, as Pulumi is given it; `app` and `cli` stand in it. */
export async function bundleRun(given: Bundling, app: unknown, cli: unknown): Promise<void> {
  await build({
    ...common(given),
    banner: { js: BANNER.join("\n") },
    stdin: {
      contents: `import { run } from "${given.platform}/src/auto/run.ts"; import config from "./sst.config.ts";
        export default await run(config.run);`,
      resolveDir: given.root,
      loader: "ts",
    },
    inject: [join(given.platform, "src/shim/run.js")],
    define: { $app: JSON.stringify(app), $cli: JSON.stringify(cli), $dev: "false" },
    plugins: [globals(given.platform)],
  });
}
