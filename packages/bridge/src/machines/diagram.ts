import type { Catcher, Machine, State, StateMap } from "./asl.ts";

/** Signs that Mermaid takes for its own inside a label. It has entities for them, and shows those undecoded. */
const MERMAIDS_OWN = /["#%:;<>\n]/;

function label(text: string): string {
  if (MERMAIDS_OWN.test(text)) throw new RangeError(`Mermaid cannot show this as it is: ${text}`);
  return text;
}

const path = (variable: unknown): string => String(variable).replace(/^\$\./, "");

type Rule = Readonly<Record<string, unknown>>;

const isRule = (value: unknown): value is Rule => typeof value === "object" && value !== null;

/** A Choice rule in words. */
function condition(rule: Rule): string {
  const { Variable, And, Or, Not, Next: _, ...test } = rule;
  if (Array.isArray(And)) return And.map(condition).join(" and ");
  if (Array.isArray(Or)) return `(${Or.map(condition).join(" or ")})`;
  if (isRule(Not)) return `not (${condition(Not)})`;
  const [operator = "", value] = Object.entries(test)[0] ?? [];
  if (operator === "IsPresent") return `${path(Variable)} is ${value === true ? "there" : "not there"}`;
  if (/^(String|Numeric|Boolean)Equals$/.test(operator)) return `${path(Variable)} is ${String(value)}`;
  throw new RangeError(`no words for a Choice by ${operator}`);
}

const caught = ({ ErrorEquals }: Catcher): string =>
  ErrorEquals.includes("States.ALL") ? "any error" : ErrorEquals.map((name) => name.split(".").at(-1)).join(", ");

interface Edge {
  /** Undefined is the end. */
  readonly to?: string;
  readonly why?: string;
}

/** Where a state goes, and why. */
function edgesOf(state: State): Edge[] {
  if (state.Type === "Choice") {
    const rules = state.Choices.map((rule) => ({ to: rule.Next, why: condition(rule) }));
    return [...rules, { to: state.Default, why: "otherwise" }];
  }
  if (state.Type === "Fail") return [{ why: "the execution fails" }];
  const catchers = "Catch" in state && state.Catch ? state.Catch : [];
  return ["Next" in state ? { to: state.Next } : {}, ...catchers.map((each) => ({ to: each.Next, why: caught(each) }))];
}

/** The parts of a state that holds states. */
function partsOf(state: State): readonly StateMap[] {
  if (state.Type === "Map") return [state.ItemProcessor];
  return state.Type === "Parallel" ? state.Branches : [];
}

/**
 * A state machine as a Mermaid state diagram, by its definition alone: a Map and a Parallel are composite states, the
 * branches of a Parallel concurrent regions. No ARN is in it.
 * @throws RangeError when it would have to show a name, or a rule, otherwise than it is.
 */
export function diagramOf(machine: Machine): string {
  const lines = ["stateDiagram-v2"];
  let count = 0;
  const draw = (map: StateMap, indent: string) => {
    const ids = new Map(Object.keys(map.States).map((name) => [name, `s${++count}`]));
    const idOf = (name?: string) => (name === undefined ? "[*]" : ids.get(name));
    for (const [name, state] of Object.entries(map.States)) {
      const parts = partsOf(state);
      lines.push(`${indent}state "${label(name)}" as ${idOf(name)}${parts.length > 0 ? " {" : ""}`);
      for (const [i, part] of parts.entries()) {
        if (i > 0) lines.push(`${indent}  --`);
        draw(part, `${indent}  `);
      }
      if (parts.length > 0) lines.push(`${indent}}`);
    }
    lines.push(`${indent}[*] --> ${idOf(map.StartAt)}`);
    for (const [name, state] of Object.entries(map.States)) {
      for (const { to, why } of edgesOf(state)) {
        lines.push(`${indent}${idOf(name)} --> ${idOf(to)}${why === undefined ? "" : `: ${label(why)}`}`);
      }
    }
  };
  draw(machine, "  ");
  return lines.join("\n");
}
