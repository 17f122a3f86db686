import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { afterEach, expect, it, vi } from "vitest";

/** Bytes, compressed: what a first visit loads. */
const MOST = 250_000;

afterEach(() => vi.unstubAllEnvs());

it("the built page stays under 250 kB compressed", async () => {
  // Else React's own development build is taken.
  vi.stubEnv("NODE_ENV", "production");
  const configFile = fileURLToPath(new URL("../vite.config.ts", import.meta.url));
  const built = await build({ configFile, logLevel: "silent", build: { write: false } });
  const files = [built].flat().flatMap((bundle) => ("output" in bundle ? bundle.output : []));
  const sizes = files.map((file) => {
    const content = file.type === "chunk" ? file.code : file.source;
    return { name: file.fileName, bytes: gzipSync(content).length };
  });
  expect(sizes.map(({ name }) => name.split(".").at(-1)).sort()).toEqual(["css", "html", "js"]);
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`the page: ${Math.round(total / 1000)} kB compressed`);
  expect(total).toBeLessThan(MOST);
});
