import { describe, expect, test } from "vitest";
import { matches, StateFailure } from "./failure.ts";

describe("matches", () => {
  test.each([
    ["Mine", ["Mine"], true],
    ["Mine", ["Other"], false],
    ["Mine", ["Other", "States.ALL"], true],
    ["Mine", ["States.TaskFailed"], true],
    ["States.Timeout", ["States.TaskFailed"], false],
    ["States.Timeout", ["States.Timeout"], true],
    ["States.Timeout", ["States.HeartbeatTimeout"], false],
    ["States.HeartbeatTimeout", ["States.Timeout"], true],
    ["States.HeartbeatTimeout", ["States.HeartbeatTimeout"], true],
    ["States.HeartbeatTimeout", ["States.TaskFailed"], false],
    ["States.Runtime", ["States.ALL", "States.Runtime"], false],
    ["States.DataLimitExceeded", ["States.ALL", "States.TaskFailed"], false],
  ])("%s and %j: %s", (error, errorEquals, expected) => {
    expect(matches(errorEquals, new StateFailure(error))).toBe(expected);
  });
});
