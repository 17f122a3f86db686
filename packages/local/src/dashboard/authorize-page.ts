import { createHash } from "node:crypto";
import { html, raw } from "hono/html";

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { display: grid; place-content: center; min-height: 100vh; margin: 0; padding: 1rem; gap: 1rem; box-sizing: border-box; }
  h1 { font-size: 1.25rem; margin: 0; }
  p { margin: 0; max-width: 32rem; }
  a { display: block; padding: 0.75rem 1rem; border: 1px solid; border-radius: 0.5rem; max-width: 32rem; }
`;

/** The one style that the page's policy lets in. */
export const STYLE_HASH = `'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`;

const MAY = {
  viewer: "sees counts, parity and stories, without personal data; changes nothing",
  operator: "sees everything, and may change rollouts, guards and dead letters",
} as const;

/** Where one chooses whom to be. Links and no form: a policy that forbids forms then costs nothing. */
export function authorizePage<R extends keyof typeof MAY>(roles: readonly R[], hrefOf: (role: R) => string) {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sign in · embedded cloud</title><style>${raw(STYLE)}</style></head>
<body>
<h1>Sign in to the embedded cloud</h1>
<p>Nobody has a password here: this issuer runs on your machine, for development alone. Who do you want to be?</p>
${roles.map((role) => html`<a id="${role}" href="${hrefOf(role)}"><strong>Sign in as ${role}</strong>: ${MAY[role]}</a>`)}
</body>
</html>`;
}
