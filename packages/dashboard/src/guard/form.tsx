import { GuardPolicy, GuardRecord, type RouteSummary } from "@crossfade/bridge/console";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import * as z from "zod";
import { useAccess } from "../access.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { pathOf } from "../views.ts";
import { rampText, readRamp } from "./ramp.ts";

export const GuardAnswer = z.object({ guard: GuardRecord.optional() });

const HOUR = 3_600_000;
const USUAL = GuardPolicy.parse({ ramp: [{ stage: "order", percentage: 100 }] });
const RAMP = "shadow, 1, 5, 25, 50, order";

/** Trims what binary fractions leave behind: 0.007 * 100. */
const text = (value: number): string => String(Number(value.toFixed(4)));

/** Asks the guard to look after a route, or asks it for something else. */
export function GuardForm({
  summary: { rollout },
  guard,
  close,
}: {
  readonly summary: RouteSummary;
  readonly guard: GuardRecord | undefined;
  readonly close: () => void;
}) {
  const { api } = useAccess();
  const queries = useQueryClient();
  const id = useId();
  const was = guard?.policy ?? USUAL;
  const [fields, setFields] = useState({
    ramp: guard ? rampText(guard.policy.ramp) : RAMP,
    samples: String(was.minimumSamples),
    bake: text(was.bakeMs / HOUR),
    errors: text(was.errors.margin * 100),
    latency: text(was.latency.ratio),
    mismatches: text(was.mismatches.largest * 100),
  });
  const act = async (reason: string) => {
    const ramp = readRamp(fields.ramp);
    if (ramp === undefined) throw new Error("The ramp is a list of steps: shadow, percentages that rise, order.");
    const policy = GuardPolicy.safeParse({
      ...was,
      ramp,
      minimumSamples: Number(fields.samples),
      bakeMs: Math.round(Number(fields.bake) * HOUR),
      errors: { ...was.errors, margin: Number(fields.errors) / 100 },
      latency: { ...was.latency, ratio: Number(fields.latency) },
      mismatches: { ...was.mismatches, largest: Number(fields.mismatches) / 100 },
    });
    if (!policy.success) throw new Error(z.prettifyError(policy.error));
    const body = { policy: policy.data, version: rollout.version, reason };
    await api.send("PUT", `${pathOf("routes", rollout.route)}/guard`, body, GuardAnswer);
    await queries.invalidateQueries();
  };
  const field = (name: keyof typeof fields, label: string, unit: ReactNode) => (
    <div className="field">
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <span className="unit">
        <input
          id={`${id}-${name}`}
          inputMode="decimal"
          required
          value={fields[name]}
          onChange={(event) => setFields({ ...fields, [name]: event.target.value })}
        />
        {unit}
      </span>
    </div>
  );
  return (
    <ReasonDialog title={guard ? "Change the guard" : "Set the guard"} deed="Set the guard" act={act} close={close}>
      <p className="fine">
        It takes the route from step to step while every bound is kept for sure, holds while that is not known, and goes
        back to the old path at once when one is broken.
      </p>
      <div className="field">
        <label htmlFor={`${id}-ramp`}>Ramp</label>
        <input
          id={`${id}-ramp`}
          value={fields.ramp}
          required
          onChange={(event) => setFields({ ...fields, ramp: event.target.value })}
          aria-describedby={`${id}-ramp-help`}
        />
        <span className="fine" id={`${id}-ramp-help`}>
          Steps in their order; the last one is the limit. The route must stand on one of them.
        </span>
      </div>
      <div className="two">
        {field("samples", "Requests for a step, at least", "requests")}
        {field("bake", "A step lasts, at least", "h")}
        {field("errors", "Errors may rise by less than", "pp")}
        {field("latency", "p95 may be slower by less than", "times")}
        {field("mismatches", "Mismatches above noise, less than", "pp")}
      </div>
    </ReasonDialog>
  );
}
