import * as z from "zod";
import { Verdict } from "../../compare/index.ts";
import { RouteType } from "../../ids.ts";
import { AuditEntry, DifferenceGroup, JudgedRequest } from "../../ports.ts";
import { Milliseconds } from "./common.ts";

/** A request's verdict with what differs; personal data is masked in what is kept. */
export const DifferenceView = z.strictObject({
  at: Milliseconds,
  group: DifferenceGroup,
  requests: z.array(JudgedRequest),
});
export type DifferenceView = z.infer<typeof DifferenceView>;

export const VerdictPage = z.strictObject({
  at: Milliseconds,
  route: RouteType,
  verdict: Verdict,
  requests: z.array(JudgedRequest),
  next: z.string().optional(),
});
export type VerdictPage = z.infer<typeof VerdictPage>;

export const AuditPage = z.strictObject({
  at: Milliseconds,
  route: RouteType,
  entries: z.array(AuditEntry),
  next: z.string().optional(),
});
export type AuditPage = z.infer<typeof AuditPage>;
