import * as z from "zod";

/** What goes between the cloud and the thread that runs a bundle. */

export const WorkerData = z.object({ url: z.string(), exportName: z.string() });
export type WorkerData = z.infer<typeof WorkerData>;

export const Request = z.object({
  functionName: z.string(),
  functionArn: z.string(),
  requestId: z.string(),
  deadline: z.number(),
  event: z.string(),
});
export type Request = z.infer<typeof Request>;

const failed = { errorType: z.string(), errorMessage: z.string(), trace: z.array(z.string()).readonly() };

export const Answer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  /** `payload` is JSON text. */
  z.object({ kind: z.literal("returned"), requestId: z.string(), payload: z.string() }),
  z.object({ kind: z.literal("failed"), requestId: z.string(), ...failed }),
  /** The bundle did not load, or nobody caught an error, in an invocation or between two: the thread cannot go on. */
  z.object({ kind: z.literal("crashed"), ...failed }),
]);
export type Answer = z.infer<typeof Answer>;
