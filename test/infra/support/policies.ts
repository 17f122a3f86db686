import * as z from "zod";
import { json, type Stack } from "./stack.ts";

const many = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const Statement = z.strictObject({
  Effect: z.literal("Allow"),
  Action: many,
  Resource: many.default([]),
  Principal: z.record(z.string(), many).optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
export type Statement = z.infer<typeof Statement>;

const Document = json(z.strictObject({ Version: z.literal("2012-10-17"), Statement: z.array(Statement) }));

export interface FoundPolicy {
  /** Kind, name and field: `role IngestRole inlinePolicies`. */
  readonly where: string;
  readonly statements: readonly Statement[];
}

const Inline = z.array(z.object({ policy: z.string() }));
const POLICY_FIELDS = ["policy", "assumeRolePolicy"] as const;

/** Every policy document among the inputs of a stage, whatever the resource. */
export function policiesOf({ synthesis }: Stack): readonly FoundPolicy[] {
  return synthesis.resources.flatMap(({ type, name, inputs }) => {
    const of = (field: string, text: unknown): FoundPolicy => ({
      where: `${type.split(":").at(-1)} ${name} ${field}`,
      statements: Document.parse(text).Statement,
    });
    const inline = Inline.default([]).parse(inputs["inlinePolicies"]);
    return [
      ...POLICY_FIELDS.filter((field) => inputs[field] !== undefined).map((field) => of(field, inputs[field])),
      ...inline.map(({ policy }) => of("inlinePolicies", policy)),
    ];
  });
}
