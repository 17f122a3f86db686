import { describe, expect, it } from "vitest";
import type { Machine, StateMap } from "./asl.ts";
import { diagramOf } from "./diagram.ts";

const drawn = (map: StateMap) => diagramOf({ Comment: "", TimeoutSeconds: 1, ...map } satisfies Machine).split("\n");
const end = { Type: "Pass", End: true } as const;
const task = { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", TimeoutSeconds: 1, Retry: [] } as const;

describe("the diagram of a state machine", () => {
  it("shows states by their names, and where each goes", () => {
    expect(drawn({ StartAt: "Do it", States: { "Do it": { Type: "Pass", Next: "Rest" }, Rest: end } })).toEqual([
      "stateDiagram-v2",
      '  state "Do it" as s1',
      '  state "Rest" as s2',
      "  [*] --> s1",
      "  s1 --> s2",
      "  s2 --> [*]",
    ]);
  });

  it("says on which rule a Choice goes where", () => {
    const Variable = "$.a.b";
    const Choices = [
      { Variable, IsPresent: false, Next: "A" },
      { And: [{ Variable: "$.m", StringEquals: "live" }, { Not: { Variable, IsPresent: true } }], Next: "B" },
      {
        Or: [
          { Variable, BooleanEquals: true },
          { Variable: "$.n", NumericEquals: 3 },
        ],
        Next: "C",
      },
    ];
    const States = { "What?": { Type: "Choice", Choices, Default: "D" }, A: end, B: end, C: end, D: end } as const;
    const lines = drawn({ StartAt: "What?", States });
    expect(lines.filter((line) => line.startsWith("  s1 -->"))).toEqual([
      "  s1 --> s2: a.b is not there",
      "  s1 --> s3: m is live and not (a.b is there)",
      "  s1 --> s4: (a.b is true or n is 3)",
      "  s1 --> s5: otherwise",
    ]);
  });

  it("refuses a rule that it has no words for", () => {
    const What = {
      Type: "Choice",
      Choices: [{ Variable: "$.a", NumericLessThan: 3, Next: "A" }],
      Default: "A",
    } as const;
    expect(() => drawn({ StartAt: "What", States: { What, A: end } })).toThrow("NumericLessThan");
  });

  it("says which errors a Task catches, and where an execution fails", () => {
    const Catch = [
      { ErrorEquals: ["Crossfade.Wait", "States.Timeout"], Next: "A" },
      { ErrorEquals: ["States.ALL"], Next: "B" },
    ];
    const B = { Type: "Fail", Error: "E", Cause: "c" } as const;
    const lines = drawn({ StartAt: "Do", States: { Do: { ...task, Catch, End: true }, A: end, B } });
    expect(lines.slice(5)).toEqual([
      "  s1 --> [*]",
      "  s1 --> s2: Wait, Timeout",
      "  s1 --> s3: any error",
      "  s2 --> [*]",
      "  s3 --> [*]: the execution fails",
    ]);
    expect(lines.join()).not.toContain("arn:");
  });

  it("draws a Map as a state of states, and the branches of a Parallel as regions of one", () => {
    const part = (name: string): StateMap => ({ StartAt: name, States: { [name]: end } });
    const ItemProcessor = { ProcessorConfig: { Mode: "INLINE" }, ...part("One") } as const;
    const States = {
      All: { Type: "Map", ItemsPath: "$", ItemSelector: {}, MaxConcurrency: 1, ItemProcessor, Next: "Both" },
      Both: { Type: "Parallel", Branches: [part("Left"), part("Right")], End: true },
    } as const;
    expect(drawn({ StartAt: "All", States })).toEqual([
      "stateDiagram-v2",
      '  state "All" as s1 {',
      '    state "One" as s3',
      "    [*] --> s3",
      "    s3 --> [*]",
      "  }",
      '  state "Both" as s2 {',
      '    state "Left" as s4',
      "    [*] --> s4",
      "    s4 --> [*]",
      "    --",
      '    state "Right" as s5',
      "    [*] --> s5",
      "    s5 --> [*]",
      "  }",
      "  [*] --> s1",
      "  s1 --> s2",
      "  s2 --> [*]",
    ]);
  });

  it.each(['Say "a"', "a: b", "a; b", "100%", "#1", "a <b>", "a\nb"])(
    "refuses a name that Mermaid would misread: %j",
    (name) => {
      expect(() => drawn({ StartAt: name, States: { [name]: end } })).toThrow(RangeError);
    },
  );
});
