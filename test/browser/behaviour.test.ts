import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium, openPage, signIn } from "./support/chromium.ts";
import { startFixtureServer } from "./support/fixtures/server.ts";
import { shoot } from "./support/shots.ts";

/** What the pages do when things do not go smoothly, against an API made by hand. */
let browser: Browser;
let server: Awaited<ReturnType<typeof startFixtureServer>>;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await startFixtureServer();
  ({ page } = await openPage(browser));
  await signIn(page, server.url, "operator");
});
afterEach(async () => {
  await page.context().close();
  server.close();
});

const open = async (path: string) => {
  await page.goto(server.url + path);
  await page.locator("main .panel").first().waitFor();
};

describe("a change of the rollout", () => {
  const raise = async (percentage: string) => {
    await page.getByLabel("New path takes", { exact: true }).fill(percentage);
    await page.getByText("of all customers").waitFor();
    await page.getByLabel("Reason").fill("the numbers are good");
  };

  it("by somebody else meanwhile is told, and nothing is overwritten until a person decides", async () => {
    await open("/routes/RENEW_DOMAIN");
    await raise("25");
    const other = { change: { stage: "legacy", percentage: 0 }, version: 4, reason: "something smells" } as const;
    server.state.change("RENEW_DOMAIN", other, "Veikko");
    await page.getByRole("button", { name: "Raise to 25 %" }).click();
    await page.getByText("Somebody was faster").waitFor();
    await page.getByText("The rollout is at legacy now (version 5)").waitFor();
    await shoot(page, "conflict");
    expect(server.state.standing.get("RENEW_DOMAIN")?.rollout).toMatchObject({ stage: "legacy", version: 5 });

    await page.getByRole("button", { name: "Use mine on top" }).click();
    await page.getByRole("button", { name: "Raise to 25 %" }).click();
    await page.getByText("Done: version 6").waitFor();
    expect(server.state.standing.get("RENEW_DOMAIN")?.rollout).toMatchObject({ stage: "split", percentage: 25 });
  });

  it("that is dropped leaves the control as the rollout is", async () => {
    await open("/routes/RENEW_DOMAIN");
    await raise("25");
    await page.getByRole("button", { name: "Leave it" }).click();
    expect(await page.getByLabel("New path takes", { exact: true }).inputValue()).toBe("12.5");
    expect(await page.getByLabel("Reason").count()).toBe(0);
  });

  it("that is no percentage is refused beside its field, before it is sent", async () => {
    await open("/routes/RENEW_DOMAIN");
    const field = page.getByLabel("New path takes", { exact: true });
    await field.fill("101");
    await page.getByText("a number from 0 to 100").waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByRole("button", { name: /Raise/ }).count()).toBe(0);
  });

  it("is a pause with one button and a reason, and a way back to where it stood", async () => {
    await open("/routes/RENEW_DOMAIN");
    const because = async (why: string, deed: string) => {
      await page.getByRole("dialog").getByLabel("Reason").fill(why);
      await page.getByRole("dialog").getByRole("button", { name: deed }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
    };
    await page.getByRole("button", { name: "Pause …" }).click();
    await because("complaints", "Pause");
    await page.getByText("paused from split 12.5 %").waitFor();
    await page.getByRole("button", { name: "Resume …" }).click();
    await because("it was something else", "Resume");
    await page.getByRole("button", { name: "Pause …" }).waitFor();
    expect(server.state.standing.get("RENEW_DOMAIN")?.rollout).toMatchObject({ stage: "split", percentage: 12.5 });
  });
});

describe("dead letters", () => {
  it("are redriven part by part with a reason, and the queue is shorter then", async () => {
    await open("/dead-letters/ingest");
    await page.getByLabel("All 25 shown").check();
    await page.getByRole("button", { name: "Redrive …" }).click();
    await page.getByRole("dialog").getByLabel("Reason").fill("the schema is mended");
    const calls: string[] = [];
    page.on("request", (request) => request.method() === "POST" && calls.push(request.postData() ?? ""));
    await page.getByRole("dialog").getByRole("button", { name: "Redrive" }).click();
    await page.getByText("Redriven: 25 of 25 messages").first().waitFor();
    expect(calls.length).toBe(3);
    await page.getByText("1 of about 1 message").waitFor();
    await shoot(page, "dead-letters-redriven");
  });

  it("are discarded only by who types so", async () => {
    await open("/dead-letters/quarantine");
    await page
      .getByLabel(/^Choose message/)
      .first()
      .check();
    await page.getByRole("button", { name: "Discard …" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("sent by a test");
    const discard = dialog.getByRole("button", { name: "Discard for good" });
    expect(await discard.isDisabled()).toBe(true);
    await dialog.getByLabel("Type discard to confirm").fill("discard");
    await discard.click();
    await page.getByText("Discarded: 1 of 1 message").first().waitFor();
  });
});

describe("a viewer", () => {
  it("reads no body of a dead letter, and has nothing to move it with", async () => {
    const viewer = await openPage(browser);
    await signIn(viewer.page, `${server.url}/dead-letters/quarantine`, "viewer");
    await viewer.page.getByText("You are a viewer").waitFor();
    expect(await viewer.page.getByRole("checkbox").count()).toBe(0);
    expect(await viewer.page.getByText("What it says").count()).toBe(0);
    await viewer.page.context().close();
  });
});

it("requests by verdict come page by page", async () => {
  await open("/routes/REGISTER_DOMAIN");
  await page.getByRole("link", { name: /late$/ }).click();
  await expect.poll(() => page.locator(".judged li").count()).toBe(3);
  await page.getByRole("navigation", { name: "Verdicts" }).getByRole("link", { name: "mismatch" }).click();
  await expect.poll(() => page.locator(".judged li").count()).toBe(25);
  await page.getByRole("button", { name: "Older" }).click();
  await expect.poll(() => page.locator(".judged li").count()).toBe(40);
  expect(await page.getByRole("button", { name: "Older" }).count()).toBe(0);
});

describe("an end of the sign-in", () => {
  it("is told, and the next one leads back to the same page", async () => {
    await open("/routes/UPDATE_DNS?hours=6");
    server.issuer.forget();
    await page.getByText("Your sign-in has ended").waitFor();
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "operator" }).click();
    await page.getByRole("heading", { name: "Update DNS" }).waitFor();
    expect(page.url()).toBe(`${server.url}/routes/UPDATE_DNS?hours=6`);
  });

  it("that fails at the issuer is told with its reason", async () => {
    const fresh = await openPage(browser);
    await fresh.page.goto(`${server.url}/signed-in?error=access_denied&state=unknown`);
    await fresh.page.getByText("Sign-in did not succeed").waitFor();
    await fresh.page.context().close();
  });
});

describe("numbers", () => {
  it("that are not live any more say so, and since when; they stay", async () => {
    await open("/");
    await page.context().setOffline(true);
    await page.getByText("offline", { exact: true }).waitFor();
    await page.getByText("received").waitFor();
    await shoot(page, "offline");
    await page.context().setOffline(false);
    await page.getByText("live", { exact: true }).waitFor();
  });

  it("that never came have a reason and another try", async () => {
    await page.route("**/api/dead-letters", (route) =>
      route.fulfill({ status: 503, json: { code: "TRY_AGAIN", message: "something that this needs does not answer" } }),
    );
    await page.goto(`${server.url}/dead-letters`);
    await page.getByText("something that this needs does not answer").waitFor();
    await shoot(page, "failure");
    await page.unroute("**/api/dead-letters");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("link", { name: /quarantine/ }).waitFor();
  });

  it("of another shape are not shown as if they were right", async () => {
    await page.route("**/api/dead-letters", (route) => route.fulfill({ json: { at: 1, queues: [{ name: "x" }] } }));
    await page.goto(`${server.url}/dead-letters`);
    await page.getByText("An answer that this page cannot read").waitFor();
  });

  it("are not asked for while nobody looks", async () => {
    await page.clock.install();
    await open("/");
    const show = (state: "hidden" | "visible") =>
      page.evaluate(
        `Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "${state}" });
         document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));`,
      );
    const looks = () => server.state.looks;
    const before = looks();
    await page.clock.runFor(9_000);
    await expect.poll(looks).toBeGreaterThan(before);
    await show("hidden");
    await page.clock.runFor(1_000);
    const hidden = looks();
    await page.clock.runFor(60_000);
    expect(looks()).toBe(hidden);
    await show("visible");
    await page.clock.runFor(5_000);
    await expect.poll(looks).toBeGreaterThan(hidden);
  });
});

it("an id of any characters is found", async () => {
  await open("/");
  await page.getByLabel("Find a request by its id").fill("a/b?c 50%");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "a/b?c 50%" }).waitFor();
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
});

describe("the keyboard", () => {
  const focused = () =>
    page.evaluate(
      "document.activeElement === document.body ? 'body' : document.activeElement.id || document.activeElement.textContent",
    );

  it("skips to the content, and finds a request", async () => {
    await open("/");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("main");
    await page.getByLabel("Find a request by its id").focus();
    await page.keyboard.type("7b1f0c5e-0000-4000-8000-000000001000");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Timeline" }).waitFor();
    expect(await focused()).toBe("main");
  });

  it("stays in a dialog, and is back where it was when Esc closes it", async () => {
    await open("/routes/RENEW_DOMAIN");
    await page.getByRole("button", { name: "Change …" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    const inside = "document.querySelector('dialog').contains(document.activeElement)";
    for (let n = 0; n < 9; n++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(`document.activeElement === document.body || ${inside}`);
      expect(at).toBe(true);
    }
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await focused()).toBe("Change …");
  });

  it("moves the percentage by whole steps", async () => {
    await open("/routes/RENEW_DOMAIN");
    await page.getByLabel("New path takes, slider").focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByLabel("New path takes", { exact: true }).inputValue()).toMatch(/^1[34]$/);
    await page.getByText("of all customers").waitFor();
  });
});

describe("colours", () => {
  it("follow the system until a person chooses, and remember what they chose", async () => {
    const background = () => page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    await open("/");
    const light = await background();
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.getByRole("button", { name: /Change to light/ }).click();
    expect(await background()).toBe(light);
    await page.reload();
    await page.locator("main .panel").first().waitFor();
    expect(await background()).toBe(light);
  });
});
