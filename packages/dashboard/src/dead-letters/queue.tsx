import { DeadLetterPage } from "@crossfade/bridge/console";
import { useId, useState } from "react";
import { useMayChange } from "../access.tsx";
import { count, counted } from "../format.ts";
import { LookedAt } from "../parts/as-of.tsx";
import { Empty, Loaded } from "../parts/loaded.tsx";
import { pathOf, useView } from "../views.ts";
import { Letter } from "./letter.tsx";
import { type Action, MoveDialog, Progress } from "./move.tsx";
import type { Moved } from "./progress.ts";

/** Messages that are looked at; looking hides them from each other reader for a while, so it is not done by itself. */
const MOST = 25;

/** The messages of one queue: chosen by hand, moved with a reason. */
export function Queue({ name }: { readonly name: string }) {
  const view = useView(`${pathOf("dead-letters", name)}?limit=${MOST}`, DeadLetterPage, false);
  const mayChange = useMayChange();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asks, setAsks] = useState<Action>();
  const [last, setLast] = useState<{ readonly action: Action; readonly progress: Moved }>();
  const id = useId();
  const choose = (messageId: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(messageId);
    else next.delete(messageId);
    setChosen(next);
  };
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{name}</h2>
        {view.data && <LookedAt at={view.data.at} />}
        <p>
          <button type="button" onClick={() => void view.refetch()} disabled={view.isFetching}>
            Look again
          </button>
        </p>
      </header>
      {last && <Progress progress={last.progress} action={last.action} />}
      <Loaded view={view}>
        {({ messages, queue }) => {
          const ids = messages.map(({ messageId }) => messageId);
          const here = ids.filter((messageId) => chosen.has(messageId));
          if (messages.length === 0)
            return (
              <Empty title={queue.visible + queue.inFlight > 0 ? "The queue gives out nothing now" : "Nothing is here"}>
                {queue.visible + queue.inFlight > 0
                  ? "Somebody else has its messages in hand: they come back within a minute or so. Then look again."
                  : "Every message could be handled."}
              </Empty>
            );
          return (
            <>
              {mayChange ? (
                <div className="row moving">
                  <label className="row">
                    <input
                      type="checkbox"
                      checked={here.length === ids.length}
                      ref={(box) => {
                        if (box) box.indeterminate = here.length > 0 && here.length < ids.length;
                      }}
                      onChange={(event) => setChosen(new Set(event.target.checked ? ids : []))}
                    />
                    All {ids.length} shown
                  </label>
                  <span className="muted">{counted(here.length, "message")} chosen</span>
                  <button
                    type="button"
                    className="primary"
                    disabled={here.length === 0}
                    onClick={() => setAsks("redrive")}
                  >
                    Redrive …
                  </button>
                  <button
                    type="button"
                    className="danger"
                    disabled={here.length === 0}
                    onClick={() => setAsks("discard")}
                  >
                    Discard …
                  </button>
                </div>
              ) : (
                <p className="notice">You are a viewer: an operator may read, redrive and discard messages.</p>
              )}
              <ul className="letters">
                {messages.map((letter) => (
                  <Letter
                    key={letter.messageId}
                    letter={letter}
                    isChosen={chosen.has(letter.messageId)}
                    choose={mayChange ? (isChosen) => choose(letter.messageId, isChosen) : undefined}
                  />
                ))}
              </ul>
              <p className="fine">
                {count(messages.length)} of about {counted(queue.visible + queue.inFlight, "message")}, as the queue
                gives them out. A whole queue is moved by <code>crossfade dead-letters redrive</code>.
              </p>
              {asks && (
                <MoveDialog
                  queue={name}
                  action={asks}
                  messageIds={here}
                  returnsTo={queue.returnsTo}
                  onProgress={(progress) => setLast({ action: asks, progress })}
                  close={() => {
                    setAsks(undefined);
                    setChosen(new Set());
                  }}
                />
              )}
            </>
          );
        }}
      </Loaded>
    </section>
  );
}
