import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOOKS, type Look, launchChromium, openPage, signIn } from "./support/chromium.ts";
import { startFixtureServer } from "./support/fixtures/server.ts";
import { expectAccessible, expectNoSidewaysScroll, shoot } from "./support/shots.ts";

/** Every page in light, in dark and on a phone: kept as a picture, read by axe, and no wider than its screen. */
const REQUEST = "7b1f0c5e-0000-4000-8000-000000001000";
const PAGES = {
  overview: "/",
  "route-in-shadow": "/routes/REGISTER_DOMAIN",
  "route-in-split": "/routes/RENEW_DOMAIN?hours=168",
  difference: "/routes/REGISTER_DOMAIN/differences/legacy/changed-effects-details-price-amount",
  verdicts: "/routes/REGISTER_DOMAIN/verdicts/mismatch",
  request: `/requests/${REQUEST}`,
  "request-unknown": "/requests/no-such-request",
  "dead-letters": "/dead-letters",
  "dead-letters-queue": "/dead-letters/quarantine",
  "no-such-page": "/no/such/page",
  "no-such-route": "/routes/NO_SUCH_ROUTE",
} as const;

let browser: Browser;
let server: Awaited<ReturnType<typeof startFixtureServer>>;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchChromium(), startFixtureServer()]);
});
afterAll(async () => {
  await browser.close();
  server.close();
});

/** The page has what it asked for. */
async function settled(page: Page): Promise<void> {
  await page.locator("main h1").first().waitFor();
  await page.locator("main .panel, main .empty, main [role=alert]").first().waitFor();
  await expect.poll(() => page.locator(".waiting").count()).toBe(0);
}

describe.each(Object.keys(LOOKS) as Look[])("%s", (look) => {
  let page: Page;
  let broken: string[];

  beforeAll(async () => {
    ({ page, broken } = await openPage(browser, look));
    await page.goto(server.url);
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await shoot(page, `sign-in-${look}`);
    await expectAccessible(page);
    await signIn(page, server.url, "operator");
  });
  afterAll(() => page.context().close());

  it.each(Object.entries(PAGES))("%s", async (name, path) => {
    await page.goto(server.url + path);
    await settled(page);
    await shoot(page, `${name}-${look}`);
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    expect(broken).toEqual([]);
  });

  it("what opens on a route's page", async () => {
    await page.goto(`${server.url}/routes/RENEW_DOMAIN`);
    await page.getByLabel("New path takes", { exact: true }).fill("25");
    await page.getByText("of all customers").waitFor();
    await page.getByText("The same as a table").click();
    await page.getByText("Customers by name").click();
    await shoot(page, `rollout-change-${look}`);
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    await page.getByRole("button", { name: "Change …" }).click();
    await page.getByRole("dialog").waitFor();
    await shoot(page, `guard-form-${look}`);
    await expectAccessible(page);
  });

  it("what opens on a queue's page", async () => {
    await page.goto(`${server.url}/dead-letters/quarantine`);
    await page.getByText("What it says").first().click();
    await page.getByLabel("All 7 shown").check();
    await shoot(page, `dead-letters-open-${look}`);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Discard …" }).click();
    await page.getByRole("dialog").waitFor();
    await shoot(page, `discard-${look}`);
    await expectAccessible(page);
  });
});
