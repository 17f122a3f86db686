import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where `npm run dev` finds the API and the settings of sign-in: what `npm start` serves. */
const server = process.env["CROSSFADE_API"] ?? "http://127.0.0.1:4640";

export default defineConfig({
  root: here("."),
  plugins: [react()],
  resolve: {
    // The bridge's schemas stand beside code that hashes; no page calls that.
    alias: { "node:crypto": here("src/no-crypto.ts") },
  },
  build: { outDir: here("dist"), target: "es2023", sourcemap: false, reportCompressedSize: true },
  // The API takes calls of its own pages' origin alone.
  server: { proxy: { "/api": { target: server, headers: { origin: server } }, "/settings.json": server } },
});
