import type { ParityView, RouteSummary } from "@crossfade/bridge/console";
import { between, count, duration, percent, points } from "../format.ts";

type PathView = RouteSummary["paths"]["legacy"];

/** How one path does: errors, and how long most requests take. */
export function Health({ path, of }: { readonly path: PathView; readonly of: "old" | "new" }) {
  if (path.errors.of === 0)
    return (
      <div className="health none">
        <span className={`path-name ${of}`}>{of === "old" ? "Old path" : "New path"}</span>
        <span className="muted">nothing ended</span>
      </div>
    );
  const { errors } = path;
  return (
    <div className="health">
      <span className={`path-name ${of}`}>{of === "old" ? "Old path" : "New path"}</span>
      <span className="number" title={`95 % interval: ${between(errors.low, errors.high)}`}>
        {percent(errors.estimate)}
        <small> errors of {count(errors.of)}</small>
      </span>
      <span className="number minor">
        {path.p95Ms === undefined ? "–" : duration(path.p95Ms)}
        <small> p95</small>
      </span>
    </div>
  );
}

/** How often the new path would have done what the old one did. */
export function Parity({ parity }: { readonly parity: ParityView }) {
  if (parity.compared === 0)
    return (
      <div className="parity">
        <span className="cell-name">Parity</span>
        <span className="muted">nothing compared</span>
      </div>
    );
  return (
    <div className="parity">
      <span className="cell-name">Parity</span>
      <span className="number">
        {percent(parity.matched / parity.compared)}
        <small> match of {count(parity.compared)}</small>
      </span>
      <span className="number minor" title="How much greater the rate of mismatches is than that of noise">
        {points(parity.aboveBaseline.estimate)}
        <small> mismatches above noise</small>
      </span>
    </div>
  );
}
