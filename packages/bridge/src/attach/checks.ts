import type { Journal } from "./journal.ts";
import { settingsLost } from "./mapping.ts";
import { depthOf, type Place, type Seen } from "./seen.ts";
import type { Direction } from "./steps.ts";

/** Something that is not as the deployment says. */
export interface Mismatch {
  /** Its path in the deployment: `sources.domains.queueUrl`. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

export interface Checked {
  readonly mismatches: readonly Mismatch[];
  readonly warnings: readonly string[];
}

/** The account and the region that the operator's calls go to, against the deployment's. */
export function checkIdentity(
  deployed: { readonly accountId: string; readonly region: string },
  found: { readonly accountId: string; readonly region: string },
): readonly Mismatch[] {
  return (["accountId", "region"] as const)
    .filter((field) => deployed[field] !== found[field])
    .map((field) => ({ field, expected: deployed[field], found: found[field] }));
}

/** A queue's messages in flight have a limit of 120,000 (SQS guide, "quotas"), and the sweep hides all it sees. */
const MOST_TO_SWEEP = 100_000;
/** AWS's advice for the visibility timeout, in timeouts of the function. */
const ADVISED = 6;

/** Every resource of a source against what the deployment says of it. */
export function checkSource(place: Place, journal: Journal | undefined, direction: Direction, seen: Seen): Checked {
  const { name, source, deployed } = place;
  const { config, intake, forward } = source;
  const at = `sources.${name}`;
  const mismatches: Mismatch[] = [];
  const warnings: string[] = [];
  const expect = (holds: boolean, field: string, expected: string, found: string) => {
    if (!holds) mismatches.push({ field: `${at}.${field}`, expected, found });
  };

  expect(seen.intake.arn === intake.queueArn, "intake.queueUrl", intake.queueArn, seen.intake.arn);
  expect(
    !intake.queueArn.endsWith(".fifo"),
    "intake.queueArn",
    "a standard queue",
    "a FIFO queue, whose order is not kept",
  );
  const ingest = seen.ingest;
  expect(
    ingest?.queueArn === intake.queueArn && functionOf(ingest.functionArn) === deployed.ingestFunction,
    "mappingId",
    `a mapping of ${deployed.ingestFunction} on ${intake.queueArn}`,
    ingest === undefined ? "none" : `one of ${functionOf(ingest.functionArn)} on ${ingest.queueArn}`,
  );
  const { visibilitySeconds } = seen.intake;
  const timeout = deployed.ingestTimeoutSeconds;
  expect(
    visibilitySeconds >= timeout,
    "intake.queueUrl",
    `a visibility timeout of ${timeout} s or more, which is ingest's timeout`,
    `${visibilitySeconds} s`,
  );
  if (visibilitySeconds >= timeout && visibilitySeconds < ADVISED * timeout) {
    warnings.push(
      `the visibility timeout of ${visibilitySeconds} s is below ${ADVISED} times ingest's timeout (${timeout} s)`,
    );
  }
  if (direction === "detach" && depthOf(seen.intake) > MOST_TO_SWEEP) {
    const found = `${depthOf(seen.intake)}: let ingest work first`;
    expect(false, "intake.queueUrl", `at most ${MOST_TO_SWEEP} messages`, found);
  }

  const began = journal !== undefined && Object.keys(journal.kept).length > 0;
  if (config.attach === "intercept" && config.at === "queue") {
    const asConfigured = config.visibilitySeconds === visibilitySeconds;
    expect(asConfigured, "config.visibilitySeconds", `${config.visibilitySeconds} s`, `${visibilitySeconds} s`);
    if (forward.kind === "fifo" || forward.kind === "standard") {
      expect(seen.forward?.arn === forward.queueArn, "forward.queueUrl", forward.queueArn, seen.forward?.arn ?? "none");
      const kind = seen.forward?.arn.endsWith(".fifo") ? "fifo" : "standard";
      expect(kind === forward.kind && kind === config.forward, "forward.kind", config.forward, kind);
      const used = began || seen.forwardMapping !== undefined;
      const depth = seen.forward === undefined ? 0 : depthOf(seen.forward);
      expect(used || direction === "detach" || depth === 0, "forward.queueUrl", "an empty queue", `${depth} messages`);
    } else expect(false, "forward.kind", config.forward, forward.kind);
    if (config.consumer.kind === "lambda") {
      const { functionArn } = config.consumer;
      const expected = `one mapping of ${functionArn} on ${intake.queueArn}`;
      expect(seen.oldMappings === 1, "config.consumer.functionArn", expected, `${seen.oldMappings}`);
      const { old } = seen;
      if (old !== undefined) {
        const lost = forward.kind === "fifo" ? settingsLost(old.settings, "fifo") : [];
        warnings.push(...lost.map((what) => `of the old consumer's mapping, ${what}`));
        if ((old.settings.FilterCriteria?.Filters?.length ?? 0) > 0) {
          warnings.push("the old mapping has filters: what they dropped, ingest gets too");
        }
        const kept = journal?.kept.oldMapping?.id;
        if (kept !== undefined) expect(kept === old.id, "config.consumer.functionArn", `the mapping ${kept}`, old.id);
      }
    }
  } else if (seen.topicGone) {
    expect(false, "config.topicArn", "topicArn" in config ? config.topicArn : "a topic", "no such topic");
  } else if (config.attach === "intercept" && direction === "attach" && journal?.kept.oldSubscription === undefined) {
    const wanted = config.consumer.kind === "lambda" ? config.consumer.functionArn : config.consumer.subscriptionArn;
    const field = config.consumer.kind === "lambda" ? "config.consumer.functionArn" : "config.consumer.subscriptionArn";
    expect(seen.oldSubscription !== undefined, field, `a subscription of ${wanted} at ${config.topicArn}`, "none");
  }
  return { mismatches, warnings };
}

/** The function's name in an ARN, with or without an alias. */
const functionOf = (arn: string): string => arn.split(":")[6] ?? arn;
