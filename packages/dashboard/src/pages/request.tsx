import { type JudgedRequest, RequestStories, type RequestStory } from "@crossfade/bridge/console";
import { Link } from "wouter";
import { useMayChange } from "../access.tsx";
import { title } from "../format.ts";
import { DifferenceTable, SideBySide } from "../json/side-by-side.tsx";
import { AsOf } from "../parts/as-of.tsx";
import { Chip } from "../parts/chip.tsx";
import { Empty, Loaded } from "../parts/loaded.tsx";
import { usePageTitle } from "../parts/page-title.ts";
import { Ago } from "../parts/time.tsx";
import { Effects } from "../request/effects.tsx";
import { Execution } from "../request/execution.tsx";
import { Charge, Claim, Personal } from "../request/facts.tsx";
import { Timeline } from "../request/timeline.tsx";
import { pathOf, useView } from "../views.ts";
import { VERDICTS } from "../words.ts";

function Judged({ judged }: { readonly judged: JudgedRequest }) {
  const { verdict, against, at, sample } = judged;
  return (
    <div className="stack">
      <p className="row">
        <Chip {...VERDICTS[verdict].word} />
        <span>
          {against === "legacy" ? "new against old" : "one order against another (noise)"}: {VERDICTS[verdict].means}
        </span>
        <small className="muted">
          <Ago at={at} />
        </small>
      </p>
      {sample && sample.differences.length > 0 && (
        <>
          <DifferenceTable sample={sample} />
          <details>
            <summary>Both outcomes side by side</summary>
            <SideBySide sample={sample} against={against} />
          </details>
        </>
      )}
    </div>
  );
}

function Story({ story }: { readonly story: RequestStory }) {
  const { route, verdicts, execution, shadow, charge } = story;
  const seesPersonal = useMayChange();
  return (
    <article className="story" aria-label={title(route)}>
      <h2 className="story-title">
        <Link href={pathOf("routes", route)}>{title(route)}</Link> <code className="muted">{route}</code>
      </h2>
      <div className="story-grid">
        <div className="stack">
          <Timeline story={story} />
          {verdicts.length > 0 && (
            <section className="panel" aria-labelledby={`verdict-${route}`}>
              <header>
                <h2 id={`verdict-${route}`}>Verdict</h2>
              </header>
              {verdicts.map((judged) => (
                <Judged key={judged.against} judged={judged} />
              ))}
            </section>
          )}
          {(execution ?? shadow) && (
            <section className="panel" aria-labelledby={`executions-${route}`}>
              <header>
                <h2 id={`executions-${route}`}>Executions</h2>
              </header>
              {execution && <Execution execution={execution} />}
              {shadow && (
                <>
                  <h3>Planned in shadow</h3>
                  <Execution execution={shadow} />
                </>
              )}
            </section>
          )}
          <Effects story={story} />
        </div>
        <div className="stack">
          <Claim story={story} />
          {charge && <Charge charge={charge} />}
          {seesPersonal ? (
            <Personal story={story} />
          ) : (
            <p className="fine">Customers' data, rows and outcomes are shown to operators alone.</p>
          )}
        </div>
      </div>
    </article>
  );
}

export function RequestPage({ id }: { readonly id: string }) {
  usePageTitle(`Request ${id}`);
  const view = useView(`/requests?id=${encodeURIComponent(id)}`, RequestStories);
  return (
    <>
      <header className="page-head">
        <h1>
          Request <code className="path">{id}</code>
        </h1>
        <AsOf view={view} />
      </header>
      <Loaded view={view} lines={6}>
        {({ stories }) =>
          stories.length === 0 ? (
            <Empty title="No request has this id">
              The ledger holds no claim of it on any route. Look for letters that were lost while copying it, or for the
              message among the <Link href="/dead-letters">dead letters</Link>: it may have been refused before it was
              claimed.
            </Empty>
          ) : (
            stories.map((story) => <Story key={story.route} story={story} />)
          )
        }
      </Loaded>
    </>
  );
}
