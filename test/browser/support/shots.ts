import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import * as z from "zod";

export const ARTIFACTS = fileURLToPath(new URL("../artifacts", import.meta.url));

/** For people to look at: kept with the build. */
export async function shoot(page: Page, name: string): Promise<void> {
  const isCovered = (await page.getByRole("dialog").count()) > 0;
  // What sticks to the top would stand in the middle of the picture.
  if (!isCovered) await page.evaluate("window.scrollTo(0, 0)");
  await page.screenshot({ path: `${ARTIFACTS}/${name}.png`, fullPage: !isCovered });
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const Result = z.object({
  violations: z.array(
    z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.object({ html: z.string() })) }),
  ),
  passes: z.array(z.unknown()),
});

/** What axe calls serious or critical, on the page as it is shown now. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const { violations, passes } = Result.parse(await page.evaluate("axe.run()"));
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  expect(serious).toEqual([]);
  // A page on which nothing was looked at has no violations either.
  expect(passes.length).toBeGreaterThan(10);
}

/** Nothing is wider than the screen. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const [inside, screen] = z
    .tuple([z.number(), z.number()])
    .parse(await page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]"));
  expect(inside).toBeLessThanOrEqual(screen);
}
