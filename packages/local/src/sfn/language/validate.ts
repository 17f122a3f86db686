import { StateMachine } from "aws-local-stepfunctions";
import type * as z from "zod";
import { invalidDefinition, notSupported, type SfnError } from "../errors.ts";
import type { Integrations } from "../integrations/integrations.ts";
import { isJsonObject, type Json, parseJson } from "../json.ts";
import { type CompiledMachine, compileMachine } from "./compile.ts";
import { parseResource } from "./resource.ts";
import { type Branch, Definition, type State } from "./schema.ts";

const MAX_DEFINITION_LENGTH = 1_048_576;

/**
 * A definition's text to a program. First asl-validator (through the interpreter) says what is wrong by the language,
 * then our own schema and the integrations refuse by name what this server does not run. Throws InvalidDefinition.
 */
export function parseDefinition(text: string, integrations: Integrations): CompiledMachine {
  if (text.length > MAX_DEFINITION_LENGTH) throw invalidDefinition("TOO_LONG: at most 1048576 characters");
  const json = read(text);
  const refusal = firstRefusal(json);
  assertLanguage(text, refusal);
  if (refusal !== undefined) throw refusal;
  const definition = Definition.parse(json);
  for (const [name, state] of statesOf(definition)) assertTask(name, state, integrations);
  return compileMachine(definition);
}

function read(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw invalidDefinition("INVALID_JSON_DESCRIPTION: the definition is not valid JSON");
  }
}

function assertLanguage(text: string, refusal: SfnError | undefined): void {
  try {
    // The validator writes into what it checks, so it gets a copy of its own.
    new StateMachine(JSON.parse(text));
  } catch (error) {
    if (refusal?.message.includes("not supported")) throw refusal;
    const message = error instanceof Error ? error.message : String(error);
    throw invalidDefinition(message.replace("State machine definition is invalid, see error(s) below:\n ", ""));
  }
}

function firstRefusal(json: Json): SfnError | undefined {
  const parsed = Definition.safeParse(json);
  const issue = parsed.error?.issues[0];
  return issue === undefined ? undefined : refuse(issue);
}

function refuse(issue: z.core.$ZodIssue): SfnError {
  const at = `/${issue.path.map(String).join("/")}`;
  if (issue.code === "unrecognized_keys") return unsupported(`${issue.keys.join(", ")} at ${at}`);
  if (issue.path.at(-1) === "QueryLanguage") return unsupported(`a QueryLanguage other than JSONPath at ${at}`);
  if (issue.path.at(-1) === "Mode") return unsupported(`a distributed Map at ${at}`);
  return invalidDefinition(`SCHEMA_VALIDATION_FAILED: ${issue.message} at ${at}`);
}

const unsupported = (what: string) => notSupported(what, "InvalidDefinition");

function* statesOf(branch: Branch): Generator<readonly [string, State]> {
  for (const [name, state] of Object.entries(branch.States)) {
    yield [name, state];
    if (state.Type === "Parallel") for (const inner of state.Branches) yield* statesOf(inner);
    if (state.Type === "Map") {
      const body = state.ItemProcessor ?? state.Iterator;
      if (body !== undefined) yield* statesOf(body);
    }
  }
}

function assertTask(name: string, state: State, integrations: Integrations): void {
  if (state.Type !== "Task") return;
  const resource = parseResource(state.Resource);
  if (resource.kind === "lambda" || resource.kind === "activity") return;
  const integration = resource.kind === "service" ? integrations.find(resource) : undefined;
  if (integration === undefined) throw unsupported(`Resource ${state.Resource} of '${name}'`);
  const given = isJsonObject(state.Parameters) ? Object.keys(state.Parameters) : [];
  const names = given.map((key) => key.replace(/\.\$$/, ""));
  const unknown = names.find((key) => !integration.fields.includes(key));
  if (unknown !== undefined) throw unsupported(`parameter ${unknown} of ${state.Resource} in '${name}'`);
  const missing = integration.required.find((key) => !names.includes(key));
  if (missing !== undefined) {
    throw invalidDefinition(
      `SCHEMA_VALIDATION_FAILED: The field "${missing}" is required at /States/${name}/Parameters`,
    );
  }
}
