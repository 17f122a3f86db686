import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** @throws Error that says how to get one. */
export function chromiumPath(): string {
  const found = [process.env["CHROMIUM_PATH"], ...PLACES].find((path) => path !== undefined && existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    "no chromium is found: apt-get install -y --no-install-recommends chromium (or set CHROMIUM_PATH to one)",
  );
}

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launchChromium = (): Promise<Browser> => chromium.launch({ executablePath: chromiumPath(), args: FLAGS });

/** How the page is looked at. */
export const LOOKS = {
  light: { viewport: { width: 1360, height: 900 }, colorScheme: "light" },
  dark: { viewport: { width: 1360, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 780 }, colorScheme: "light", hasTouch: true, isMobile: true },
} as const;
export type Look = keyof typeof LOOKS;

/** Milliseconds; on two busy cores a page may take its time. */
const PATIENCE = 20_000;

/** A page of a new profile; whatever the page throws fails the test that asks `broken`. */
export async function openPage(browser: Browser, look: Look = "light"): Promise<{ page: Page; broken: string[] }> {
  const context: BrowserContext = await browser.newContext({ ...LOOKS[look], reducedMotion: "reduce" });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const broken: string[] = [];
  page.on("pageerror", (error) => broken.push(error.message));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) broken.push(message.text());
  });
  return { page, broken };
}

/** Goes through the issuer's page, as a person would. */
export async function signIn(page: Page, url: string, role: "operator" | "viewer"): Promise<void> {
  await page.goto(url);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: new RegExp(role, "i") }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}
