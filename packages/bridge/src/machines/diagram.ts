import type { Catcher, Machine, State, StateMap } from "./asl.ts";

/** Mermaid has no comments inside labels, and takes quotes and colons for its own. */
const label = (text: string): string => text.replaceAll('"', "'").replaceAll(":", " -").replaceAll(";", ",");

const path = (variable: unknown): string => String(variable).replace(/^\$\./, "");

/** A Choice rule in words. */
function condition(rule: Readonly<Record<string, unknown>>): string {
  const { Variable, And, Not, Next: _, ...test } = rule;
  if (Array.isArray(And)) return And.map(condition).join(" and ");
  if (typeof Not === "object" && Not !== null) return `not (${condition({ ...Not })})`;
  const [operator = "", value] = Object.entries(test)[0] ?? [];
  if (operator === "IsPresent") return `${path(Variable)} is ${value === true ? "there" : "not there"}`;
  return `${path(Variable)} is ${JSON.stringify(value)}`;
}

const caught = ({ ErrorEquals }: Catcher): string =>
  ErrorEquals.includes("States.ALL") ? "any error" : ErrorEquals.map((name) => name.split(".").at(-1)).join(", ");

interface Edge {
  readonly to: string;
  readonly why?: string;
}

/** Where a state goes, and why; "" is the end. */
function edgesOf(state: State): Edge[] {
  if (state.Type === "Choice") {
    return [
      ...state.Choices.map((rule) => ({ to: rule.Next, why: condition(rule) })),
      { to: state.Default, why: "otherwise" },
    ];
  }
  if (state.Type === "Fail") return [{ to: "" }];
  const onwards = "Next" in state ? { to: state.Next } : { to: "" };
  const catchers = "Catch" in state && state.Catch ? state.Catch : [];
  return [onwards, ...catchers.map((catcher) => ({ to: catcher.Next, why: caught(catcher) }))];
}

/** The parts of a state that holds states. */
function partsOf(state: State): readonly StateMap[] {
  if (state.Type === "Map") return [state.ItemProcessor];
  return state.Type === "Parallel" ? state.Branches : [];
}

/** A state machine as a Mermaid state diagram, by its definition alone. */
export function diagramOf(machine: Machine): string {
  const lines = ["stateDiagram-v2"];
  let count = 0;
  const draw = (map: StateMap, indent: string) => {
    const ids = new Map(Object.keys(map.States).map((name) => [name, `s${++count}`]));
    const idOf = (name: string) => (name === "" ? "[*]" : ids.get(name));
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
