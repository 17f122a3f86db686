import * as fc from "fast-check";
import type { Outcome } from "../outcome.ts";
import type { Json } from "./json.ts";

// For unit tests only; nothing else imports this.

/** What both paths say of one registration, in the words of the worked migration. */
export const registered = (details: Readonly<Record<string, Json>> = {}): Outcome => ({
  status: "COMPLETED",
  effects: [
    {
      service: "registry",
      command: "register",
      target: "example.fi",
      details: {
        years: 1,
        price: 1290,
        expiresAt: "2027-03-02",
        nameServers: ["ns1.example.fi", "ns2.example.fi", "ns3.example.fi"],
        ...details,
      } as NonNullable<Outcome["effects"][number]["details"]>,
      at: 1_772_445_000_000,
    },
  ],
});

export const failed = (code: string): Outcome => ({
  status: "FAILED",
  Error: { Code: code, Message: "", Retryable: false },
  effects: [],
});

export const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
