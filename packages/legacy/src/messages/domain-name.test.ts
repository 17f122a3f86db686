import { describe, expect, test } from "vitest";
import { DomainName, HostName } from "./domain-name.ts";

const label = (length: number) => "a".repeat(length);

/** Three full labels, one of what remains, and `.fi`. */
const nameOf = (length: number) => `${`${label(63)}.`.repeat(3)}${label(length - 195)}.fi`;
describe("a domain name", () => {
  test.each([
    "example.fi",
    "a.fi",
    "1.fi",
    "a-b.co.uk",
    "xn--hyv-rla.fi",
    "example.xn--p1ai",
    `${label(63)}.fi`,
    nameOf(253),
  ])("%s is one", (name) => {
    expect(DomainName.safeParse(name).success).toBe(true);
  });

  test.each([
    "",
    "fi",
    "Example.fi",
    "example.fi.",
    ".fi",
    "a..fi",
    "-a.fi",
    "a-.fi",
    "a_b.fi",
    "hyvä.fi",
    "ab--cd.fi",
    "example.f",
    "example.123",
    "a b.fi",
    `${label(64)}.fi`,
    nameOf(254),
  ])("%j is none", (name) => {
    expect(DomainName.safeParse(name).success).toBe(false);
  });

  test("a refusal says the rule", () => {
    expect(DomainName.safeParse("-a.fi").error?.issues[0]?.message).toMatch(/^a domain name must be .*at most 253/);
    expect(HostName.safeParse("ns1").error?.issues[0]?.message).toMatch(/^a host name must be two or more labels/);
  });
});
