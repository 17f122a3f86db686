import { type Client, ErrorCode } from "@openfeature/server-sdk";
import { BridgeError } from "../errors.ts";
import type { RouteType } from "../ids.ts";
import type { PathFlag } from "../ports.ts";
import { Path, PathChoice } from "../rollout.ts";
import { flagKey } from "./openfeature-provider.ts";

/**
 * The flag through OpenFeature. A provider that knows no buckets, stages or versions, or means something else by those
 * names, leaves them at their defaults. During a switch it must say `choice: "before-switch"` in the flag's metadata for
 * messages whose `sentAt` lies before it, so that they wait for their pin instead of following it (D7). It has messages of
 * the legacy path planned by `sample`, a percentage (X3), and by `baseline` planned twice; without them none is.
 */
export class OpenFeatureFlag implements PathFlag {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async choose(route: RouteType, cohortKey: string, sentAt: number): Promise<PathChoice> {
    const key = flagKey(route);
    const details = await this.#client.getStringDetails(key, "", { targetingKey: cohortKey, sentAt, route });
    const path = Path.safeParse(details.value);
    if (!path.success || details.errorCode !== undefined) {
      throw new BridgeError("ROLLOUT_UNKNOWN", "retry", `flag ${key}: ${details.errorMessage ?? "no path"}`, {
        details: { route, errorCode: details.errorCode ?? ErrorCode.TYPE_MISMATCH },
      });
    }
    const told = (name: keyof PathChoice, value: unknown, otherwise: unknown) =>
      PathChoice.shape[name].safeParse(value).success ? value : otherwise;
    const { bucket, rolloutVersion, stage, choice, integration, sample, baseline } = details.flagMetadata;
    return PathChoice.parse({
      path: path.data,
      reason: told("reason", choice, "bucket"),
      bucket: told("bucket", bucket, 0),
      stage: told("stage", stage, "split"),
      rolloutVersion: told("rolloutVersion", rolloutVersion, 0),
      integration: told("integration", integration, undefined),
      sample: told("sample", sample, undefined),
      baseline: told("baseline", baseline, undefined),
    });
  }
}
