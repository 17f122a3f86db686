import type { RouteSummary } from "@crossfade/bridge/console";
import { STAGES } from "../words.ts";
import { ShareBar } from "./share-bar.tsx";

type Rollout = RouteSummary["rollout"];

/** Where a route stands, in a word and a number. */
export function StageOf({ rollout, share }: { readonly rollout: Rollout; readonly share: number }) {
  const { name, means } = STAGES[rollout.stage];
  return (
    <div className="stage-of">
      <span className={`stage ${rollout.stage}`} title={means}>
        {name}
      </span>
      <span className="number">
        {share} %<small> new path</small>
      </span>
      <ShareBar order={share} label={`${share} % of new requests take the new path`} />
      {rollout.stage === "shadow" && <small className="muted">{rollout.sample} % planned in shadow</small>}
      {rollout.hold && <small className="muted">held by {rollout.hold.source}</small>}
    </div>
  );
}
