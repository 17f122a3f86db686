import { DeadLetterQueues } from "@crossfade/bridge/console";
import { Link } from "wouter";
import { Queue } from "../dead-letters/queue.tsx";
import { count, counted } from "../format.ts";
import { AsOf } from "../parts/as-of.tsx";
import { Chip } from "../parts/chip.tsx";
import { Empty, Loaded } from "../parts/loaded.tsx";
import { usePageTitle } from "../parts/page-title.ts";
import { pathOf, useView } from "../views.ts";

/** Queues of messages that nobody could handle, and one of them in detail. */
export function DeadLettersPage({ queue }: { readonly queue?: string | undefined }) {
  usePageTitle("Dead letters");
  const view = useView("/dead-letters", DeadLetterQueues);
  const total = view.data?.queues.reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0);
  return (
    <>
      <header className="page-head">
        <h1>
          Dead letters{" "}
          {total !== undefined && (
            <Chip text={total === 0 ? "none" : counted(total, "message")} tone={total === 0 ? "good" : "warn"} />
          )}
        </h1>
        <AsOf view={view} />
      </header>
      <Loaded view={view}>
        {({ queues }) =>
          queues.length === 0 ? (
            <Empty title="No dead-letter queue is known">Queues appear here once the bridge is deployed.</Empty>
          ) : (
            <div className="letters-page">
              <nav aria-label="Queues">
                <ul className="queues">
                  {queues.map(({ name, visible, inFlight }) => (
                    <li key={name}>
                      <Link href={pathOf("dead-letters", name)} aria-current={name === queue ? "page" : undefined}>
                        <span>{name}</span>
                        <span className={visible > 0 ? "number" : "muted"}>
                          {count(visible)}
                          {inFlight > 0 && <small>{count(inFlight)} in hand elsewhere</small>}
                        </span>
                      </Link>
                    </li>
                  ))}
                </ul>
              </nav>
              {queue === undefined ? (
                <Empty title="Choose a queue">
                  Messages stand here that nobody could handle: refused ones with their reason, and those that came too
                  often. Nothing is lost while they stand here.
                </Empty>
              ) : (
                <Queue key={queue} name={queue} />
              )}
            </div>
          )
        }
      </Loaded>
    </>
  );
}
