import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono, type MiddlewareHandler } from "hono";
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

const keep =
  (value: string): MiddlewareHandler =>
  async (c, next) => {
    await next();
    if (c.res.ok) c.res.headers.set("Cache-Control", value);
  };

/** The built app. What is no file of it is one of its pages, which the app itself tells apart. */
export function pages(staticDir: string): Hono {
  const app = new Hono();
  const files = serveStatic({ root: staticDir });
  app.use(policy);
  app.get("/assets/*", keep(FOREVER), files, (c) => c.text("no such file", 404));
  app.get("*", keep(ALWAYS_ASK), files, async (c) => c.html(await readFile(join(staticDir, "index.html"), "utf8")));
  return app;
}
