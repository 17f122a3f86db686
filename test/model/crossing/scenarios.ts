// The scenarios that several runs of the crossing share.
import { QUIET } from "./model.ts";
import type { Scenario } from "./state.ts";

/** Messages of as many requests, each delivered that often: once, or also again or at the same time. */
export const delivered = (...deliveries: number[]): Scenario["messages"] =>
  deliveries.map((times, request) => ({ request, deliveries: times }));

/** The first message has a second delivery; the flag moves once. */
export const DUPLICATE: Scenario = { ...QUIET, messages: delivered(2, 1), flips: 1 };
/** A handler dies once, and its message comes again. */
export const CRASH: Scenario = { ...QUIET, flips: 1, crashes: 1 };
/** The flag goes back from order to legacy, and an operator stops an execution. */
export const STOP: Scenario = { ...QUIET, startPath: "order", flips: 1, stops: 1 };
export const STOP_AND_REDRIVE: Scenario = { ...STOP, redrives: 1 };
/** One message, on the order path. */
export const ONE_ORDER: Scenario = { ...QUIET, startPath: "order", messages: delivered(1) };
