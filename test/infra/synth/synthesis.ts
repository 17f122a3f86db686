import * as z from "zod";

/** A resource as the stacks asked for it. */
export const Resource = z.object({
  /** Pulumi's name of its type: `aws:sqs/queue:Queue`. */
  type: z.string(),
  /** Its logical name, unique within a type. */
  name: z.string(),
  /** `read`: it exists already and is only referenced. */
  kind: z.enum(["created", "read"]),
  id: z.string(),
  inputs: z.record(z.string(), z.unknown()),
  /** The inputs, and what AWS would answer besides: ARN, URL. */
  state: z.record(z.string(), z.unknown()),
  options: z.object({ protect: z.boolean(), retainOnDelete: z.boolean(), ignoreChanges: z.array(z.string()) }),
});
export type Resource = z.infer<typeof Resource>;

/** The whole of a stage, evaluated without an account. */
export const Synthesis = z.object({
  stage: z.string(),
  /** Where this stands. */
  file: z.string(),
  /** What `app()` answered. */
  app: z.object({
    name: z.string(),
    home: z.string(),
    removal: z.enum(["remove", "retain", "retain-all"]).optional(),
    protect: z.boolean().optional(),
    providers: z.object({
      aws: z.object({ version: z.string(), region: z.string(), allowedAccountIds: z.array(z.string()) }),
    }),
  }),
  resources: z.array(Resource),
  /** What `run()` returned. */
  outputs: z.record(z.string(), z.unknown()),
  /** Where the functions' bundles stand: `<artifacts>/<function's logical name>-src`. */
  artifacts: z.string(),
});
export type Synthesis = z.infer<typeof Synthesis>;
