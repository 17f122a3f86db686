import { type DeploymentInput, defineDeployment } from "@crossfade/bridge/deployment";
import { describe, expect, test } from "vitest";
import { contract } from "./contract/index.ts";
import deployments from "./crossfade.config.ts";

/** That stage with something else in it, evaluated. */
const withChange = (change: (stage: ReturnType<typeof deployments>) => unknown) => () => {
  const stage = structuredClone(deployments("staging"));
  change(stage);
  return defineDeployment({ staging: stage satisfies DeploymentInput })("staging");
};

describe("the configuration of the carrier's parcels", () => {
  test.each(["staging", "production"])("stage %s is whole, and every route comes by one source", (stage) => {
    const { sources } = deployments(stage);
    const routes = Object.values(sources).flatMap((source) => source.routes);
    expect(routes).toEqual([...contract.migration.routes.keys()]);
  });

  test("the stages share nothing", () => {
    const arns = (stage: string) => [...JSON.stringify(deployments(stage)).matchAll(/arn:aws:[^"]+/g)].map(String);
    expect(arns("production").length).toBeGreaterThan(4);
    expect(arns("staging").filter((arn) => arns("production").includes(arn))).toEqual([]);
  });

  test("a stage that is not there is refused with those that are", () => {
    expect(() => deployments("prod")).toThrow('no stage "prod": add it, or use one of staging, production');
  });

  test.each([
    [
      "another account",
      /staging: tracking\.tableArn: is of account 111122223333/,
      (stage) => {
        stage.tracking.tableArn = stage.tracking.tableArn.replace("000000000000", "111122223333");
      },
    ],
    [
      "another partition",
      /staging: tracking\.tableArn: must be the ARN of a table/,
      (stage) => {
        stage.tracking.tableArn = stage.tracking.tableArn.replace("arn:aws:", "arn:aws-cn:");
      },
    ],
    [
      "charges in another region",
      /staging: payments\.tableArn: is in eu-north-1, and region is eu-west-1/,
      (stage) => {
        stage.payments = { kind: "table", tableArn: "arn:aws:dynamodb:eu-north-1:000000000000:table/charges" };
      },
    ],
    [
      "a variable of Lambda's own",
      /checks\.customer\.environment\.AWS_REGION: must be letters/,
      (stage) => {
        stage.checks = { customer: { environment: { AWS_REGION: "eu-west-1" }, permissions: [] } };
      },
    ],
    [
      "a source whose name cannot stand in a queue's",
      /sources\.Jobs: must be 1 to 20 of a-z, 0-9 and -, a letter first/,
      (stage) => {
        stage.sources = Object.fromEntries(Object.values(stage.sources).map((source) => ["Jobs", source]));
      },
    ],
    [
      "the stream of another table",
      /tracking\.changes\.streamArn: must be a stream of tracking\.tableArn/,
      (stage) => {
        stage.tracking.changes = { streamArn: "arn:aws:dynamodb:eu-west-1:000000000000:table/other/stream/x" };
      },
    ],
    [
      "a topic for a queue",
      /sources\.jobs\.queueArn: must be the ARN of a queue/,
      (stage) => {
        Object.assign(stage.sources["jobs"] ?? {}, {
          queueArn: "arn:aws:sns:eu-west-1:000000000000:carrier-staging-jobs",
        });
      },
    ],
    [
      "a route twice",
      /sources\.again\.routes: BOOK_SHIPMENT comes by jobs already/,
      (stage) => {
        Object.assign(stage.sources, { again: stage.sources["jobs"] });
      },
    ],
  ] satisfies [string, RegExp, (stage: ReturnType<typeof deployments>) => void][])(
    "%s is refused by name",
    (_, says, change) => {
      expect(withChange(change)).toThrow(says);
    },
  );
});
