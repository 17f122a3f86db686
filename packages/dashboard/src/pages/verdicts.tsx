import { type JudgedRequest, Verdict, VerdictPage } from "@crossfade/bridge/console";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { useAccess } from "../access.tsx";
import { title } from "../format.ts";
import { AsOf } from "../parts/as-of.tsx";
import { Empty, Loaded } from "../parts/loaded.tsx";
import { usePageTitle } from "../parts/page-title.ts";
import { Ago } from "../parts/time.tsx";
import { LIVE, pathOf } from "../views.ts";
import { VERDICTS } from "../words.ts";

/** Matches are counted and not listed. */
const LISTED = Verdict.options.filter((verdict) => verdict !== "match");
const LINES = 25;
const MOST_PATHS = 3;

function Row({ request: { requestId, at, sample } }: { readonly request: JudgedRequest }) {
  const paths = sample?.differences.map(({ path }) => path) ?? [];
  return (
    <li>
      <Link href={pathOf("requests", requestId)}>
        <code>{requestId}</code>
      </Link>
      <span className="paths">
        {paths.slice(0, MOST_PATHS).map((path) => (
          <code key={path}>{path}</code>
        ))}
        {paths.length > MOST_PATHS && <small className="muted">and {paths.length - MOST_PATHS} more</small>}
      </span>
      <Ago at={at} />
    </li>
  );
}

/** Requests by what was said of them, newest first. */
export function VerdictsPage({ route, verdict: given }: { readonly route: string; readonly verdict: string }) {
  const { api } = useAccess();
  const verdict = Verdict.catch("mismatch").parse(given);
  const { word, means } = VERDICTS[verdict];
  usePageTitle(`${title(route)}: ${word.text}`);
  const path = `${pathOf("routes", route)}/verdicts?verdict=${verdict}&limit=${LINES}`;
  const pages = useInfiniteQuery({
    queryKey: [path],
    queryFn: ({ pageParam, signal }) =>
      api.get(pageParam === undefined ? path : `${path}&after=${encodeURIComponent(pageParam)}`, VerdictPage, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
    refetchInterval: LIVE,
    select: ({ pages: all }) => ({ at: all[0]?.at ?? 0, requests: all.flatMap((page) => page.requests) }),
  });
  return (
    <>
      <nav className="crumbs" aria-label="Where this page stands">
        <Link href="/">Overview</Link> / <Link href={pathOf("routes", route)}>{title(route)}</Link>
      </nav>
      <header className="page-head">
        <h1>Requests by verdict</h1>
        <AsOf view={pages} />
      </header>
      <nav className="tabs" aria-label="Verdicts">
        {LISTED.map((name) => (
          <Link
            key={name}
            href={pathOf("routes", route, "verdicts", name)}
            aria-current={name === verdict ? "page" : undefined}
          >
            {VERDICTS[name].word.text}
          </Link>
        ))}
      </nav>
      <p className="muted">{means}</p>
      <Loaded view={pages}>
        {({ requests }) => (
          <section className="panel" aria-label={word.text}>
            {requests.length === 0 ? (
              <Empty title={`No request is ${word.text}`}>Requests appear here as soon as they are judged so.</Empty>
            ) : (
              <ul className="judged">
                {requests.map((request) => (
                  <Row key={request.requestId} request={request} />
                ))}
              </ul>
            )}
            {pages.hasNextPage && (
              <button type="button" onClick={() => void pages.fetchNextPage()} disabled={pages.isFetchingNextPage}>
                Older
              </button>
            )}
          </section>
        )}
      </Loaded>
    </>
  );
}
