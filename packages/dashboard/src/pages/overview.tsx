import { Overview, type RouteSummary } from "@crossfade/bridge/console";
import { Link } from "wouter";
import { title } from "../format.ts";
import { AsOf } from "../parts/as-of.tsx";
import { Chip } from "../parts/chip.tsx";
import { Conservation } from "../parts/conservation.tsx";
import { Health, Parity } from "../parts/health.tsx";
import { Hours, spokenHours, useHours } from "../parts/hours.tsx";
import { Empty, Loaded } from "../parts/loaded.tsx";
import { usePageTitle } from "../parts/page-title.ts";
import { StageOf } from "../parts/stage.tsx";
import { Ago } from "../parts/time.tsx";
import { pathOf, useView } from "../views.ts";
import { guardReason, guardWord } from "../words.ts";

const COLUMNS = ["Route", "Rollout", "Parity", "Old path", "New path", "Guard"] as const;

function Guard({ guard }: { readonly guard: RouteSummary["guard"] }) {
  if (guard === undefined)
    return (
      <div className="guard-brief">
        <span className="cell-name">Guard</span>
        <span className="muted">not set</span>
      </div>
    );
  // What it holds since then is a route that a person must look at.
  if (guard.moved?.kind === "roll-back")
    return (
      <div className="guard-brief">
        <span className="cell-name">Guard</span>
        <Chip {...guardWord("roll-back")} title={guardReason(guard.why)} />
        <small className="muted">
          <Ago at={guard.moved.at} />, until it is set anew
        </small>
      </div>
    );
  return (
    <div className="guard-brief">
      <span className="cell-name">Guard</span>
      <Chip {...guardWord(guard.kind)} title={guardReason(guard.why)} />
      <small className="muted">
        {guardReason(guard.why)}, <Ago at={guard.at} />
      </small>
    </div>
  );
}

function RouteRow({ summary }: { readonly summary: RouteSummary }) {
  const { route, rollout, share, parity, paths, guard } = summary;
  return (
    <li className="route-row">
      <div className="route-name">
        <Link href={pathOf("routes", route)}>{title(route)}</Link>
        <code>{route}</code>
      </div>
      <StageOf rollout={rollout} share={share} />
      <Parity parity={parity} />
      <Health path={paths.legacy} of="old" />
      <Health path={paths.order} of="new" />
      <Guard guard={guard} />
    </li>
  );
}

export function OverviewPage() {
  usePageTitle("Overview");
  const [hours, setHours] = useHours();
  const view = useView(`/overview?hours=${hours}`, Overview);
  return (
    <>
      <header className="page-head">
        <h1>Overview{view.data && <span className="muted"> of {view.data.migration}</span>}</h1>
        <AsOf view={view} />
        <Hours hours={hours} set={setHours} />
      </header>
      <Loaded view={view} lines={8}>
        {(overview) => (
          <>
            <Conservation
              conservation={overview.conservation}
              routes={overview.routes.map(({ conservation }) => conservation)}
              at={overview.at}
            />
            <section className="panel" aria-labelledby="routes">
              <header>
                <h2 id="routes">Routes</h2>
                <p className="muted">{spokenHours(overview.hours)}</p>
              </header>
              {overview.routes.length === 0 ? (
                <Empty title="No route is known yet">
                  A route appears here with the first message that the bridge receives for it. Attach a source with{" "}
                  <code>crossfade attach</code>.
                </Empty>
              ) : (
                <ul className="routes">
                  <li className="route-row head" aria-hidden="true">
                    {COLUMNS.map((name) => (
                      <span key={name}>{name}</span>
                    ))}
                  </li>
                  {overview.routes.map((summary) => (
                    <RouteRow key={summary.route} summary={summary} />
                  ))}
                </ul>
              )}
            </section>
          </>
        )}
      </Loaded>
    </>
  );
}
