import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { END, machine, openService, ROLE, type Service } from "./harness.ts";

let service: Service;
let close: () => Promise<void>;
beforeAll(async () => ({ service, close } = await openService()));
afterAll(() => close());

const pass = (fields: Readonly<Record<string, unknown>>, name = "P") =>
  machine({ [name]: { Type: "Pass", ...fields, ...END } });

describe.concurrent("Paths", () => {
  test.each([
    ["InputPath takes a part of the input", { InputPath: "$.a" }, { b: 1 }],
    ["InputPath null gives an empty object", { InputPath: null }, {}],
    ["OutputPath takes a part of the result", { OutputPath: "$.a.b" }, 1],
    ["OutputPath null gives an empty object", { OutputPath: null }, {}],
    [
      "ResultPath puts the result into the input",
      { Result: 5, ResultPath: "$.c.d" },
      { a: { b: 1 }, z: null, c: { d: 5 } },
    ],
    ["ResultPath $ replaces the input", { Result: 5, ResultPath: "$" }, 5],
    ["ResultPath null discards the result", { Result: 5, ResultPath: null }, { a: { b: 1 }, z: null }],
    ["ResultPath in bracket notation", { Result: 5, ResultPath: "$['a']" }, { a: 5, z: null }],
    ["Result false is a result", { Result: false }, false],
    [
      "Parameters read paths in fields that end in .$",
      { Parameters: { "x.$": "$.a.b", y: "$.a" } },
      { x: 1, y: "$.a" },
    ],
    ["Parameters read null values", { Parameters: { "x.$": "$.z" } }, { x: null }],
    ["Parameters work in nested objects and arrays", { Parameters: { l: [{ "x.$": "$.a.b" }] } }, { l: [{ x: 1 }] }],
    ["Parameters see what InputPath took", { InputPath: "$.a", Parameters: { "x.$": "$.b" } }, { x: 1 }],
  ])("ASL paths: %s", async (_rule, fields, expected) => {
    expect(await service.output(pass(fields), { a: { b: 1 }, z: null })).toEqual(expected);
  });

  test.each([0, false, "", null])("ASL paths: $ reads %j", async (input) => {
    expect(
      await service.output(pass({ Parameters: { "all.$": "$", "text.$": "States.JsonToString($)" } }), input),
    ).toEqual({
      all: input,
      text: JSON.stringify(input),
    });
  });

  test("ASL errors: a path that finds nothing is States.Runtime, which States.ALL does not catch", async () => {
    const definition = machine({
      Both: {
        Type: "Parallel",
        Branches: [pass({ Parameters: { "x.$": "$.absent" } })],
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }],
        ...END,
      },
      Caught: { Type: "Succeed" },
    });
    expect(await service.run(definition)).toMatchObject({ status: "FAILED", error: "States.Runtime" });
  });

  test("ASL errors: ResultPath on an input that is no object is States.ResultPathMatchFailure", async () => {
    expect(await service.run(pass({ Result: 1, ResultPath: "$.x" }), "text")).toMatchObject({
      status: "FAILED",
      error: "States.ResultPathMatchFailure",
    });
  });

  test("ASL ResultSelector: reshapes the result before ResultPath", async () => {
    const both = {
      Type: "Parallel",
      Branches: [pass({ Result: 1 }), pass({ Result: 2 }, "Q")],
      ResultSelector: { "second.$": "$[1]" },
      ResultPath: "$.r",
      ...END,
    };
    expect(await service.output(machine({ both }), { a: 1 })).toEqual({ a: 1, r: { second: 2 } });
  });
});

describe.concurrent("Intrinsic functions", () => {
  const cases: [string, unknown][] = [
    ["States.Format('{} is {}', $.s, $.n)", "name is 3"],
    ["States.Format('it\\'s {}', $.n)", "it's 3"],
    ["States.StringToJson($.json)", { k: [1] }],
    ["States.JsonToString($.l)", "[1,2,3,3]"],
    ["States.JsonToString($.quoted)", '{"t":"a \\"b\\" \\\\ c"}'],
    ["States.Array($.n, 'x', null, true)", [3, "x", null, true]],
    ["States.ArrayPartition($.l, 3)", [[1, 2, 3], [3]]],
    ["States.ArrayContains($.l, 2)", true],
    ["States.ArrayRange(1, 9, 4)", [1, 5, 9]],
    ["States.ArrayGetItem($.l, 1)", 2],
    ["States.ArrayLength($.l)", 4],
    ["States.ArrayUnique($.l)", [1, 2, 3]],
    ["States.Base64Encode('data')", "ZGF0YQ=="],
    ["States.Base64Decode('ZGF0YQ==')", "data"],
    ["States.Hash('data', 'SHA-1')", "a17c9aaa61e80a1bf71d0d850af4e5baa9800bbd"],
    ["States.JsonMerge($.a, $.b, false)", { x: 1, y: 2 }],
    ["States.MathAdd($.n, -1)", 2],
    ["States.StringSplit('a,b', ',')", ["a", "b"]],
    ["States.Format('{}', States.ArrayLength($.l))", "4"],
    ["States.Format('{}: {}', $.quoted.t, States.JsonToString($.quoted))", 'a "b" \\ c: {"t":"a \\"b\\" \\\\ c"}'],
    ["States.StringToJson(States.JsonToString($.quoted))", { t: 'a "b" \\ c' }],
    ["States.Format('{}, (}', $.n)", "3, (}"],
    ["States.ArrayGetItem(States.StringSplit('a,b', ','), 1)", "b"],
  ];
  // One machine evaluates them all: checking a definition is what takes the time.
  let output: Promise<unknown>;
  beforeAll(() => {
    const input = {
      s: "name",
      n: 3,
      l: [1, 2, 3, 3],
      json: '{"k":[1]}',
      a: { x: 1 },
      b: { y: 2 },
      quoted: { t: 'a "b" \\ c' },
    };
    const fields = cases.map(([expression], i) => [`out${i}.$`, expression]);
    output = service.output(pass({ Parameters: Object.fromEntries(fields) }), input);
  });

  test.each(cases.map(([expression, expected], i) => ({ expression, expected, i })))(
    "ASL intrinsics: $expression",
    async ({ expected, i }) => {
      expect(Object(await output)[`out${i}`]).toEqual(expected);
    },
  );

  test("ASL intrinsics: States.UUID gives a version 4 UUID", async () => {
    const { id } = Object(await service.output(pass({ Parameters: { "id.$": "States.UUID()" } })));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("ASL intrinsics: a function that fails is States.IntrinsicFailure", async () => {
    const definition = pass({ Parameters: { "x.$": "States.StringToJson('{')" } });
    expect(await service.run(definition)).toMatchObject({ status: "FAILED", error: "States.IntrinsicFailure" });
  });
});

describe.concurrent("Choice", () => {
  const cases: [object, "yes" | "no"][] = [
    [{ Variable: "$.s", StringEquals: "b" }, "yes"],
    [{ Variable: "$.s", StringMatches: "b*" }, "yes"],
    [{ Variable: "$.s", StringLessThan: "c" }, "yes"],
    [{ Variable: "$.n", NumericGreaterThanEquals: 5 }, "yes"],
    [{ Variable: "$.n", NumericLessThan: 5 }, "no"],
    [{ Variable: "$.n", NumericEqualsPath: "$.m" }, "yes"],
    [{ Variable: "$.s", NumericLessThan: 5 }, "no"],
    [{ Variable: "$.digits", NumericLessThan: 99 }, "no"],
    [{ Variable: "$.b", BooleanEquals: true }, "yes"],
    [{ Variable: "$.t", TimestampLessThan: "2030-01-01T00:00:00Z" }, "yes"],
    [{ Variable: "$.z", IsNull: true }, "yes"],
    [{ Variable: "$.s", IsNull: false }, "yes"],
    [{ Variable: "$.absent", IsPresent: true }, "no"],
    [{ Variable: "$.absent", IsPresent: false }, "yes"],
    [{ Variable: "$.n", IsNumeric: true }, "yes"],
    [{ Variable: "$.n", IsString: false }, "yes"],
    [{ Variable: "$.t", IsTimestamp: true }, "yes"],
    [{ Not: { Variable: "$.b", BooleanEquals: true } }, "no"],
    [
      {
        And: [
          { Variable: "$.n", IsPresent: true },
          { Variable: "$.n", NumericEquals: 5 },
        ],
      },
      "yes",
    ],
    [
      {
        Or: [
          { Variable: "$.s", StringEquals: "x" },
          { Variable: "$.b", BooleanEquals: true },
        ],
      },
      "yes",
    ],
    [{ Variable: "$$.Execution.Input.n", NumericEquals: 5 }, "yes"],
  ];
  const choose = (rule: object, i: number) =>
    machine({
      [`C${i}`]: { Type: "Choice", Choices: [{ ...rule, Next: `Yes${i}` }], Default: `No${i}` },
      [`Yes${i}`]: { Type: "Pass", Result: "yes", ...END },
      [`No${i}`]: { Type: "Pass", Result: "no", ...END },
    });
  let outputs: Promise<unknown>;
  beforeAll(() => {
    const input = { s: "b", n: 5, m: 5, b: true, z: null, t: "2026-01-01T00:00:00Z", digits: "5" };
    const Branches = cases.map(([rule], i) => choose(rule, i));
    outputs = service.output(machine({ All: { Type: "Parallel", Branches, ...END } }), input);
  });

  test.each(cases.map(([rule, expected], i) => ({ rule: JSON.stringify(rule), expected, i })))(
    "ASL Choice: $rule leads to $expected",
    async ({ expected, i }) => {
      expect(Object(await outputs)[i]).toBe(expected);
    },
  );

  test("ASL Choice: States.NoChoiceMatched without a Default", async () => {
    const rule = { Variable: "$.n", NumericEquals: 1, Next: "Yes" };
    const definition = machine({ C: { Type: "Choice", Choices: [rule] }, Yes: { Type: "Succeed" } });
    expect(await service.run(definition, { n: 2 })).toMatchObject({
      status: "FAILED",
      error: "States.NoChoiceMatched",
    });
  });

  test("ASL Choice: passes its input on", async () => {
    const rule = { Variable: "$.n", NumericEquals: 1, Next: "S" };
    const definition = machine({ C: { Type: "Choice", Choices: [rule] }, S: { Type: "Succeed" } });
    expect(await service.output(definition, { n: 1, rest: [0] })).toEqual({ n: 1, rest: [0] });
  });
});

describe.concurrent("Context object", () => {
  test("Context object: Execution, StateMachine and State", async () => {
    const stateMachineArn = await service.create(pass({ Parameters: { "c.$": "$$" } }));
    const executionArn = await service.start(stateMachineArn, { a: 1 });
    const description = await service.ended(executionArn);
    const { c } = JSON.parse(description.output ?? "");
    expect(c.Execution).toMatchObject({
      Id: executionArn,
      Name: description.name,
      Input: { a: 1 },
      RoleArn: ROLE,
      StartTime: description.startDate?.toISOString(),
      RedriveCount: 0,
    });
    expect(c.StateMachine).toEqual({ Id: stateMachineArn, Name: stateMachineArn.split(":").at(-1) });
    expect(c.State).toMatchObject({ Name: "P", RetryCount: 0 });
    expect(Math.abs(Date.parse(c.State.EnteredTime) - Date.now())).toBeLessThan(60_000);
  });

  test("Context object: in a Map, Execution.Input is the execution's, not the item", async () => {
    const map = {
      Type: "Map",
      ItemsPath: "$.l",
      ItemProcessor: pass({ Parameters: { "n.$": "$$.Execution.Input.n" } }),
      ...END,
    };
    expect(await service.output(machine({ map }), { n: 7, l: [1] })).toEqual([{ n: 7 }]);
  });

  test("Context object: in an intrinsic function", async () => {
    const definition = pass({ Parameters: { "x.$": "States.Format('{}-{}', $$.State.Name, $$.Execution.Input.n)" } });
    expect(await service.output(definition, { n: 7 })).toEqual({ x: "P-7" });
  });
});
