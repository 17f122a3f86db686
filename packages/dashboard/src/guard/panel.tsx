import type { GuardRecord, RouteDetail, RouteSummary } from "@crossfade/bridge/console";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAccess, useMayChange } from "../access.tsx";
import { duration } from "../format.ts";
import { Chip } from "../parts/chip.tsx";
import { Empty } from "../parts/loaded.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { Ago, useNow } from "../parts/time.tsx";
import { pathOf } from "../views.ts";
import { guardReason, guardWord, target } from "../words.ts";
import { Findings } from "./findings.tsx";
import { GuardAnswer, GuardForm } from "./form.tsx";

function Ramp({ guard, rollout }: { readonly guard: GuardRecord; readonly rollout: RouteSummary["rollout"] }) {
  const { ramp } = guard.policy;
  const here = ramp.findIndex(({ stage, percentage }) => stage === rollout.stage && percentage === rollout.percentage);
  return (
    <ol className="ramp" aria-label="Ramp">
      {ramp.map((step, n) => (
        <li
          key={target(step)}
          className={n < here ? "past" : n === here ? "here" : "ahead"}
          aria-current={n === here ? "step" : undefined}
        >
          {target(step)}
        </li>
      ))}
    </ol>
  );
}

function State({ guard, summary }: { readonly guard: GuardRecord; readonly summary: RouteSummary }) {
  const now = useNow();
  const { policy, last, since } = guard;
  const baked = Math.max(0, now - since);
  const isAside = last?.why === "off-ramp" || last?.why === "changed-by-person" || last?.kind === "roll-back";
  return (
    <>
      <Ramp guard={guard} rollout={summary.rollout} />
      {isAside && (
        <p className="notice warn">
          {last.why !== "changed-by-person"
            ? "The route stands on no step of its ramp: before the first one, or rolled back. Put it on a step, then set the guard again."
            : "Somebody changed the rollout since: the guard leaves it alone until it is set again."}
        </p>
      )}
      {!isAside && (
        <p className="fine">
          This step began <Ago at={since} />
          {baked < policy.bakeMs
            ? `; it bakes for ${duration(policy.bakeMs - baked)} more.`
            : ` and has baked (${duration(policy.bakeMs)}).`}{" "}
          At least {policy.minimumSamples.toLocaleString("en")} requests a step.
        </p>
      )}
      {last === undefined ? (
        <p className="muted">The guard has not looked yet.</p>
      ) : (
        <>
          <p className="row">
            <Chip {...guardWord(last.kind)} />
            <span>
              {guardReason(last.why)}
              {last.kind !== "hold" && ` (${target(last.from)} → ${target(last.to)})`}
            </span>
          </p>
          <Findings numbers={last.numbers} policy={policy} />
          <p className="fine">
            Seen <Ago at={last.lastAt} />
            {last.looks > 1 && (
              <>
                , the same for {last.looks} looks since <Ago at={last.at} />
              </>
            )}
            . Bounds hold at every look. Set by {guard.by}: “{guard.reason}”
          </p>
        </>
      )}
    </>
  );
}

/** What the guard does with the route, and on what numbers. */
export function GuardPanel({ detail }: { readonly detail: RouteDetail }) {
  const { guard, summary } = detail;
  const { api } = useAccess();
  const queries = useQueryClient();
  const mayChange = useMayChange();
  const [asks, setAsks] = useState<"set" | "remove">();
  const close = () => setAsks(undefined);
  const remove = async (reason: string) => {
    await api.send("DELETE", `${pathOf("routes", summary.route)}/guard`, { reason }, GuardAnswer);
    await queries.invalidateQueries();
  };
  return (
    <section className="panel" aria-labelledby="guard">
      <header>
        <h2 id="guard">Guard</h2>
      </header>
      {guard === undefined ? (
        <Empty title="The guard does not look after this route">
          {mayChange
            ? "Give it a ramp and bounds, and it goes on, holds or rolls back by itself."
            : "An operator may give it a ramp and bounds."}
        </Empty>
      ) : (
        <State guard={guard} summary={summary} />
      )}
      {mayChange && (
        <p className="row">
          <button type="button" onClick={() => setAsks("set")}>
            {guard ? "Change …" : "Set the guard …"}
          </button>
          {guard && (
            <button type="button" className="quiet" onClick={() => setAsks("remove")}>
              Take it off …
            </button>
          )}
        </p>
      )}
      {asks === "set" && <GuardForm summary={summary} guard={guard} close={close} />}
      {asks === "remove" && (
        <ReasonDialog title="Take the guard off this route?" deed="Take it off" isDangerous act={remove} close={close}>
          <p>The rollout stays as it is, and nobody rolls it back but you.</p>
        </ReasonDialog>
      )}
    </section>
  );
}
