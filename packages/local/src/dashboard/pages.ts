import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { type Context, Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";

/** The built files have their content's hash in their names; index.html names them, and is asked for every time. */
const FOREVER = "public, max-age=31536000, immutable";
const ALWAYS_ASK = "no-cache";

/** Scripts and styles of the app's own files alone, calls to this origin alone, no frame around it. */
const policy = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: "no-referrer",
  xFrameOptions: "DENY",
});

/** The built app. What is no file of it is one of its pages, which the app itself tells apart. */
export function pages(staticDir: string): Hono {
  const app = new Hono();
  const keep = (value: string) => (_: string, c: Context) => c.header("Cache-Control", value);
  app.use(policy);
  app.get("/assets/*", serveStatic({ root: staticDir, onFound: keep(FOREVER) }), (c) => c.text("no such file", 404));
  app.get("*", serveStatic({ root: staticDir, onFound: keep(ALWAYS_ASK) }), async (c) => {
    c.header("Cache-Control", ALWAYS_ASK);
    return c.html(await readFile(join(staticDir, "index.html"), "utf8"));
  });
  return app;
}
