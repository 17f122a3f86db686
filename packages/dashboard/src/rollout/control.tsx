import { Rollout } from "@crossfade/bridge";
import type { RouteSummary } from "@crossfade/bridge/console";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useAccess, useMayChange } from "../access.tsx";
import { ApiError } from "../api.ts";
import { Chip } from "../parts/chip.tsx";
import { Failure } from "../parts/loaded.tsx";
import { ReasonField } from "../parts/reason-dialog.tsx";
import { changeOf, type Draft, deedOf, draftOf } from "../rollout-draft.ts";
import { pathOf } from "../views.ts";
import { target } from "../words.ts";
import { ListFields, PercentageField, StageField } from "./fields.tsx";
import { Pause } from "./pause.tsx";
import { Preview } from "./preview.tsx";

/** A change that was begun on a rollout which is no longer there. */
function Conflict({
  rollout,
  keep,
  drop,
}: {
  readonly rollout: Rollout;
  readonly keep: () => void;
  readonly drop: () => void;
}) {
  return (
    <div className="notice warn" role="alert">
      <div>
        <strong>Somebody was faster</strong>
        <p>
          The rollout is at {target(rollout)} now (version {rollout.version}); see the audit for who and why. Your
          change was not made.
        </p>
        <p className="row">
          <button type="button" onClick={keep}>
            Use mine on top
          </button>
          <button type="button" onClick={drop}>
            Drop mine
          </button>
        </p>
      </div>
    </div>
  );
}

/** How far a route is moved: shown to everybody, changed by operators, previewed before it is applied. */
export function RolloutControl({ summary }: { readonly summary: RouteSummary }) {
  const { rollout, share } = summary;
  const { api } = useAccess();
  const mayChange = useMayChange();
  const queries = useQueryClient();
  const [begun, setBegun] = useState<{ readonly draft: Draft; readonly version: number }>();
  const [reason, setReason] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const [done, setDone] = useState<number>();

  const draft = begun?.draft ?? draftOf(rollout);
  const found = changeOf(draft, rollout);
  const change = "change" in found ? found.change : undefined;
  const wrong = "error" in found ? found.error : undefined;
  const isOvertaken = !isBusy && begun !== undefined && begun.version !== rollout.version;
  const disabled = !mayChange || isBusy || rollout.hold !== undefined;

  const set = (part: Partial<Draft>) => {
    setDone(undefined);
    setError(undefined);
    setBegun({ version: begun?.version ?? rollout.version, draft: { ...draft, ...part } });
  };
  const drop = () => {
    setBegun(undefined);
    setError(undefined);
  };
  const apply = async (event: FormEvent) => {
    event.preventDefault();
    if (change === undefined || begun === undefined) return;
    setIsBusy(true);
    setError(undefined);
    try {
      const body = { change, version: begun.version, reason: reason.trim() };
      const next = await api.send("PUT", `${pathOf("routes", rollout.route)}/rollout`, body, Rollout);
      await queries.invalidateQueries();
      setBegun(undefined);
      setReason("");
      setDone(next.version);
    } catch (failure) {
      const isOverrun = failure instanceof ApiError && failure.code === "ROLLOUT_CHANGED";
      if (isOverrun) await queries.invalidateQueries();
      else setError(failure instanceof Error ? failure : new Error(String(failure)));
    } finally {
      setIsBusy(false);
    }
  };
  const fields = { draft, set, disabled, error: wrong };
  return (
    <section className="panel control" aria-labelledby="rollout">
      <header>
        <h2 id="rollout">Rollout</h2>
        {rollout.paused && <Chip text={`paused from ${target(rollout.paused)}`} tone="warn" />}
        <p className="muted">version {rollout.version}</p>
      </header>
      {!mayChange && <p className="notice">You are a viewer: an operator may change this.</p>}
      {rollout.hold && (
        <p className="notice warn">
          Held at legacy by its source {rollout.hold.source}: attach it first (<code>crossfade status</code>).
        </p>
      )}
      <form className="stack" onSubmit={apply}>
        <StageField {...fields} />
        {draft.stage === "split" && <PercentageField field="percentage" label="New path takes" {...fields} />}
        {draft.stage === "shadow" && (
          <>
            <PercentageField field="sample" label="Planned in shadow" {...fields} />
            <PercentageField field="baseline" label="Of these planned twice, to measure noise" {...fields} />
          </>
        )}
        <ListFields {...fields} />
        {isOvertaken ? (
          <Conflict rollout={rollout} keep={() => setBegun({ draft, version: rollout.version })} drop={drop} />
        ) : (
          change && (
            <>
              <Preview route={rollout.route} change={change} />
              <ReasonField value={reason} set={setReason} />
              {error && <Failure error={error} />}
              <div className="row">
                <button type="submit" className="primary" disabled={disabled || reason.trim() === ""}>
                  {isBusy ? "One moment …" : deedOf(change, rollout, share)}
                </button>
                <button type="button" onClick={drop} disabled={isBusy}>
                  Leave it
                </button>
              </div>
            </>
          )
        )}
      </form>
      {done === rollout.version && (
        <p className="notice good" role="status">
          Done: version {done}. Functions follow as soon as their caches are renewed.
        </p>
      )}
      {mayChange && !change && (
        <p className="row">
          <Pause rollout={rollout} />
        </p>
      )}
    </section>
  );
}
