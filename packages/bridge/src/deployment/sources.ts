import type { SourceConfig } from "./config.ts";

/** A queue by both its names. */
export interface QueueNames {
  readonly queueUrl: string;
  readonly queueArn: string;
}

/** True where the bridge reads a queue of its own, which the topic will feed. */
export const hasOwnIntake = (source: SourceConfig): boolean => source.attach === "tap" || source.at === "topic";

/** True where the old consumer will read a queue of the bridge's. */
export const hasForwardQueue = (source: SourceConfig): source is Extract<SourceConfig, { readonly at: "queue" }> =>
  source.attach === "intercept" && source.at === "queue";

/** The topics whose notifications ingest accepts from that source. */
export const topicsOf = (source: SourceConfig): readonly string[] =>
  hasForwardQueue(source) ? source.topicArns : [source.topicArn];

/** Where ingest sends what stays on the legacy path. */
function forwardOf(source: SourceConfig, forward: QueueNames | undefined) {
  if (source.attach === "tap") return { kind: "tap" } as const;
  if (source.at === "queue") {
    if (forward === undefined) throw new TypeError("an intercepted queue has no forward queue");
    return { kind: source.forward, ...forward } as const;
  }
  const { consumer } = source;
  return consumer.kind === "lambda"
    ? ({ kind: "lambda", functionArn: consumer.functionArn } as const)
    : ({ kind: "topic", topicArn: consumer.topicArn } as const);
}

/** A source as it is deployed: where ingest reads, and where it forwards to. */
export const placeSource = (source: SourceConfig, intake: QueueNames, forward: QueueNames | undefined) => ({
  intake,
  topicArns: topicsOf(source),
  forward: forwardOf(source, forward),
});
export type PlacedSource = ReturnType<typeof placeSource>;

/** One entry of ingest's variable SOURCES. */
export function sourceVariable({ intake, topicArns, forward }: PlacedSource) {
  if (!("queueArn" in forward)) return { ...intake, topicArns, forward };
  const { kind, queueUrl } = forward;
  return { ...intake, topicArns, forward: { kind, queueUrl } };
}
