import * as z from "zod";

/** Epoch milliseconds, or a latency in milliseconds. */
export const Milliseconds = z.int().nonnegative();
export const Count = z.int().nonnegative();
