import { DifferenceView, type JudgedRequest } from "@crossfade/bridge/console";
import { Link, useSearchParams } from "wouter";
import { counted, title } from "../format.ts";
import { DifferenceTable, SideBySide } from "../json/side-by-side.tsx";
import { AsOf } from "../parts/as-of.tsx";
import { Chip } from "../parts/chip.tsx";
import { Empty, Loaded } from "../parts/loaded.tsx";
import { usePageTitle } from "../parts/page-title.ts";
import { Ago } from "../parts/time.tsx";
import { pathOf, useView } from "../views.ts";
import { KINDS, VERDICTS } from "../words.ts";

function Others({ requests, shown }: { readonly requests: readonly JudgedRequest[]; readonly shown: JudgedRequest }) {
  const [, setSearch] = useSearchParams();
  return (
    <section className="panel" aria-labelledby="others">
      <header>
        <h2 id="others">Requests that have it</h2>
      </header>
      <ul className="others">
        {requests.map((request) => (
          <li key={request.requestId}>
            <button
              type="button"
              className="link"
              aria-current={request === shown ? "true" : undefined}
              onClick={() => setSearch({ request: request.requestId }, { replace: true })}
            >
              <code>{request.requestId}</code>
            </button>
            <small className="muted">
              <Ago at={request.at} />
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Shown({ request, focus }: { readonly request: JudgedRequest; readonly focus: string }) {
  const { sample, requestId, verdict, against, at } = request;
  return (
    <section className="panel" aria-labelledby="one">
      <header>
        <h2 id="one">
          Request <code>{requestId}</code>
        </h2>
        <Chip {...VERDICTS[verdict].word} title={VERDICTS[verdict].means} />
        <small className="muted">
          judged <Ago at={at} />
        </small>
        <p>
          <Link href={pathOf("requests", requestId)}>Its whole story</Link>
        </p>
      </header>
      {sample === undefined ? (
        <Empty title="No sample is kept of this request">Choose another one that has the same difference.</Empty>
      ) : (
        <>
          <DifferenceTable sample={sample} focus={focus} />
          <SideBySide sample={sample} against={against} focus={focus} />
          <p className="fine">
            Personal data was masked before the sample was kept: equal masks stand for equal values.
          </p>
        </>
      )}
    </section>
  );
}

interface Place {
  readonly route: string;
  readonly against: string;
  readonly id: string;
}

export function DifferencePage({ route, against, id }: Place) {
  usePageTitle(`Difference of ${title(route)}`);
  const view = useView(pathOf("routes", route, "differences", against, id), DifferenceView);
  const [search] = useSearchParams();
  return (
    <>
      <nav className="crumbs" aria-label="Where this page stands">
        <Link href="/">Overview</Link> / <Link href={pathOf("routes", route)}>{title(route)}</Link>
      </nav>
      <header className="page-head">
        <h1>{view.data ? <code className="path">{view.data.group.path}</code> : "A difference"}</h1>
        <AsOf view={view} />
      </header>
      <Loaded view={view} lines={6}>
        {({ group, requests }) => {
          const shown = requests.find(({ requestId }) => requestId === search.get("request")) ?? requests[0];
          return (
            <>
              <p>
                <strong>{group.kind}</strong>: {KINDS[group.kind]}. Found in {counted(group.count, "request")}
                {group.against === "order" && " between two orders of the same message: noise"}, first{" "}
                <Ago at={group.firstAt} />, last <Ago at={group.lastAt} />.
              </p>
              {shown === undefined ? (
                <Empty title="No request with this difference is kept any more">
                  The count stays; the next request that has it is shown here.
                </Empty>
              ) : (
                <div className="difference-page">
                  <Shown request={shown} focus={group.path} />
                  <Others requests={requests} shown={shown} />
                </div>
              )}
            </>
          );
        }}
      </Loaded>
    </>
  );
}
