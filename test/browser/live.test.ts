import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium, openPage, signIn } from "./support/chromium.ts";
import { type LiveWorld, startLiveWorld } from "./support/live-world.ts";
import { expectAccessible, shoot } from "./support/shots.ts";

/** The issue's own story, in a real browser: the real bridge, API and sign-in, with live traffic. */
let browser: Browser;
let live: LiveWorld;
let page: Page;
let broken: string[];

const at = (path: string): string => live.dashboard.origin + path;
const numberIn = async (selector: string): Promise<number> =>
  Number((await page.locator(selector).first().innerText()).replaceAll(/\D/g, ""));
const SLOW = { timeout: 60_000, interval: 250 };

beforeAll(async () => {
  [browser, live] = await Promise.all([launchChromium(), startLiveWorld()]);
  ({ page, broken } = await openPage(browser));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await live?.close();
}, 60_000);

describe("who has no token", () => {
  it("sees a page to sign in, whatever the address, and is refused by the API", async () => {
    await page.goto(at("/routes/REFRESH_DOMAIN"));
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await page.getByRole("heading", { name: "Rollout" }).count()).toBe(0);
    expect((await page.request.get(at("/api/overview"))).status()).toBe(401);
  });
});

describe("a viewer", () => {
  it("sees the rollout and may not change it, nor may their token", async () => {
    const viewer = await openPage(browser);
    await signIn(viewer.page, at("/routes/REFRESH_DOMAIN"), "viewer");
    await viewer.page.getByText("You are a viewer").first().waitFor();
    expect(await viewer.page.getByLabel("Split").isDisabled()).toBe(true);
    expect(await viewer.page.getByRole("button", { name: /Pause|Set the guard|Raise/ }).count()).toBe(0);
    await shoot(viewer.page, "live-viewer");
    const refused = await viewer.page.request.put(at("/api/routes/REFRESH_DOMAIN/rollout"), {
      headers: { Authorization: `Bearer ${await live.dashboard.issuer.issue("viewer")}` },
      data: { change: { stage: "split", percentage: 25 }, version: 1, reason: "I may not" },
    });
    expect(refused.status()).toBe(403);
    await viewer.page.context().close();
  });
});

describe("an operator", () => {
  it("signs in, comes back to the page that was asked for, and leaves the token in no cookie and no address", async () => {
    await signIn(page, at("/routes/REFRESH_DOMAIN"), "operator");
    await page.getByRole("heading", { name: "Refresh domain" }).waitFor();
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe("/routes/REFRESH_DOMAIN");
    expect(await page.context().cookies()).toEqual([]);
    expect(await page.evaluate("localStorage.length")).toBe(0);
  });

  it("opens the overview and sees traffic move", async () => {
    await page.getByRole("link", { name: "Overview", exact: true }).first().click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    const before = await numberIn(".equation dd");
    await expect.poll(() => numberIn(".equation dd"), SLOW).toBeGreaterThan(before);
    await page.getByText("adds up").waitFor({ timeout: 60_000 });
    await shoot(page, "live-overview");
  });

  it("raises a route to 25 % with a reason, and sees the split change", async () => {
    await page.getByRole("link", { name: "Refresh domain" }).click();
    expect(await numberIn('[data-count="claimed-order"]')).toBe(0);
    await page.getByLabel("Split", { exact: true }).check();
    await page.getByLabel("New path takes", { exact: true }).fill("25");
    await page.getByText("25 % of all customers").waitFor();
    const raise = page.getByRole("button", { name: "Raise to 25 %" });
    expect(await raise.isDisabled()).toBe(true);
    await page.getByLabel("Reason").fill("the shadow looked good");
    await shoot(page, "live-raise");
    await raise.click();
    await page.getByText(/Done: version \d+/).waitFor();
    await page.getByText("“the shadow looked good”").waitFor();
    await expect.poll(() => numberIn('[data-count="claimed-order"]'), SLOW).toBeGreaterThan(3);
    await shoot(page, "live-split");
  });

  it("sets the guard on the route", async () => {
    await page.getByRole("button", { name: "Set the guard …" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Ramp").fill("25, 50");
    // The embedded cloud is no measure of latency.
    await dialog.getByLabel("p95 may be slower by less than").fill("1000");
    await dialog.getByLabel("Reason").fill("look after it");
    await dialog.getByRole("button", { name: "Set the guard" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByLabel("Ramp").getByText("split 25 %").waitFor();
    await page.getByText("“look after it”").first().waitFor();
  });

  it("sees the guard roll a regression on the new path back, and why", async () => {
    await live.breakNewPath();
    await expect
      .poll(() => page.locator(".route-head .stage").innerText(), { ...SLOW, timeout: 90_000 })
      .toBe("Legacy");
    await page.getByText("a bound is broken").first().waitFor();
    await page.locator(".audit").getByText("rolled back").first().waitFor();
    // The guard goes on looking; what it saw when it decided stands in the audit.
    const decided = page.locator(".audit li", { hasText: "rolled back" }).last();
    await decided.getByText("What it saw").click();
    await decided.locator(".findings div", { hasText: "Errors" }).getByText("broken").waitFor();
    await page.getByText(/^roll-back from split 25 %: a bound is broken/).click();
    await page.getByText(/errors breach: order \d+ of \d+ .*, legacy \d+ of \d+/).waitFor();
    await shoot(page, "live-rolled-back");
    await expectAccessible(page);
  }, 120_000);

  it("opens a mismatch of the route in shadow, and reads the field that differs", async () => {
    await page.goto(at("/routes/REGISTER_DOMAIN"));
    await page.getByRole("link", { name: "effects[*].details.nameServers[*]" }).first().click();
    await page.getByText("only the new path has it").waitFor();
    await page.locator(".fields .focus").getByText("effects[0].details.nameServers[2]").waitFor();
    await page.locator(".fields .focus").getByText('"ns3.example.fi"').waitFor();
    await page.locator('mark.focus[data-path="effects[0].details.nameServers[2]"]').waitFor();
    expect(await page.locator("body").innerText()).not.toContain("ake@example.fi");
    await shoot(page, "live-difference");
    await expectAccessible(page);
  });

  it("finds a request by its id", async () => {
    const wanted = live.published.find(({ type }) => type === "REFRESH_DOMAIN")?.requestId ?? "";
    await page.getByLabel("Find a request by its id").fill(wanted);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: wanted }).waitFor();
    await page.getByRole("heading", { name: "Timeline" }).waitFor();
    await shoot(page, "live-request");
    await expectAccessible(page);
  });

  it("looks at the dead letters", async () => {
    await page.getByRole("link", { name: "Dead letters" }).click();
    await page.getByRole("navigation", { name: "Queues" }).waitFor();
    await shoot(page, "live-dead-letters");
    await expectAccessible(page);
  });

  it("signs out, and is asked to sign in again", async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.goto(at("/"));
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(broken).toEqual([]);
  });
});
