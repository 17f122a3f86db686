import { RouteDetail } from "@crossfade/bridge/console";
import { Link } from "wouter";
import { Series } from "../charts/series.tsx";
import { count, title } from "../format.ts";
import { GuardPanel } from "../guard/panel.tsx";
import { AsOf } from "../parts/as-of.tsx";
import { Audit } from "../parts/audit.tsx";
import { Hours, useHours } from "../parts/hours.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { usePageTitle } from "../parts/page-title.ts";
import { StageOf } from "../parts/stage.tsx";
import { RolloutControl } from "../rollout/control.tsx";
import { pathOf, useView } from "../views.ts";
import { RouteErrors } from "./route-errors.tsx";
import { RouteParity } from "./route-parity.tsx";

/** What was claimed in these hours, path by path: what a change of the rollout changes first. */
function Head({ detail: { summary } }: { readonly detail: RouteDetail }) {
  const { rollout, share, paths, conservation } = summary;
  const { inFlight } = conservation;
  const term = (name: string, value: number, id?: string) => (
    <div>
      <dt>{name}</dt>
      <dd data-count={id}>{count(value)}</dd>
    </div>
  );
  return (
    <section className="panel route-head" aria-label="Where it stands">
      <StageOf rollout={rollout} share={share} />
      <dl className="counts">
        {term("claimed, old path", paths.legacy.claimed, "claimed-legacy")}
        {term("claimed, new path", paths.order.claimed, "claimed-order")}
        {term("in flight, old path", inFlight.legacy)}
        {term("in flight, new path", inFlight.order)}
      </dl>
    </section>
  );
}

export function RoutePage({ route }: { readonly route: string }) {
  usePageTitle(title(route));
  const [hours, setHours] = useHours();
  const view = useView(`${pathOf("routes", route)}?hours=${hours}`, RouteDetail);
  return (
    <>
      <nav className="crumbs" aria-label="Where this page stands">
        <Link href="/">Overview</Link>
      </nav>
      <header className="page-head">
        <h1>
          {title(route)} <code className="muted">{route}</code>
        </h1>
        <AsOf view={view} />
        <Hours hours={hours} set={setHours} />
      </header>
      <Loaded view={view} lines={8}>
        {(detail) => (
          <div className="route-page">
            <div className="stack numbers">
              <Head detail={detail} />
              <Series detail={detail} />
              <RouteErrors detail={detail} />
              <RouteParity detail={detail} />
            </div>
            <div className="stack aside-first">
              <RolloutControl summary={detail.summary} />
            </div>
            <div className="stack aside-rest">
              <GuardPanel detail={detail} />
              <Audit route={route} />
            </div>
          </div>
        )}
      </Loaded>
    </>
  );
}
