import { type Dispatch, useId } from "react";
import { type Draft, type DraftError, readPercentage } from "../rollout-draft.ts";
import { STAGES, type Stage } from "../words.ts";

interface Fields {
  readonly draft: Draft;
  readonly set: Dispatch<Partial<Draft>>;
  readonly disabled: boolean;
  readonly error: DraftError | undefined;
}

export function StageField({ draft, set, disabled }: Omit<Fields, "error">) {
  return (
    <>
      <fieldset className="segments wide">
        <legend className="unseen">Stage</legend>
        {(Object.keys(STAGES) as Stage[]).map((stage) => (
          <label key={stage}>
            <input
              type="radio"
              name="stage"
              checked={draft.stage === stage}
              disabled={disabled}
              onChange={() => set({ stage })}
            />
            <span>{STAGES[stage].name}</span>
          </label>
        ))}
      </fieldset>
      <p className="fine">{STAGES[draft.stage].means}</p>
    </>
  );
}

/** One number, by a slider or by hand: a slider of hundredths could not be hit. */
export function PercentageField({
  field,
  label,
  draft,
  set,
  disabled,
  error,
}: Fields & { readonly field: DraftError["field"]; readonly label: string }) {
  const id = useId();
  const value = readPercentage(draft[field]);
  const wrong = error?.field === field ? error.message : undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="fader">
        <div>
          <input
            type="range"
            min={0}
            max={100}
            step={1}
            value={value ?? 0}
            disabled={disabled}
            style={{ "--at": `${value ?? 0}%` }}
            aria-label={`${label}, slider`}
            onChange={(event) => set({ [field]: event.target.value })}
          />
          {field === "percentage" && (
            <div className="fader-ends" aria-hidden="true">
              <span className="path-name old">all old</span>
              <span className="path-name new">all new</span>
            </div>
          )}
        </div>
        <span className="unit">
          <input
            id={id}
            inputMode="decimal"
            value={draft[field]}
            disabled={disabled}
            aria-invalid={wrong !== undefined}
            aria-describedby={wrong ? `${id}-wrong` : undefined}
            onChange={(event) => set({ [field]: event.target.value })}
          />
          %
        </span>
      </div>
      {wrong && (
        <span className="error" id={`${id}-wrong`}>
          {wrong}
        </span>
      )}
    </div>
  );
}

export function ListFields({ draft, set, disabled }: Omit<Fields, "error">) {
  const id = useId();
  const list = (field: "include" | "exclude", label: string) => (
    <div className="field">
      <label htmlFor={`${id}-${field}`}>{label}</label>
      <textarea
        id={`${id}-${field}`}
        rows={3}
        spellCheck={false}
        value={draft[field]}
        disabled={disabled}
        placeholder="One customer on each line"
        onChange={(event) => set({ [field]: event.target.value })}
      />
    </div>
  );
  const listed = [draft.include, draft.exclude].map(
    (text) => text.split("\n").filter((line) => line.trim() !== "").length,
  );
  return (
    <details>
      <summary>
        Customers by name{" "}
        <span className="muted">
          ({listed[0]} always new, {listed[1]} always old)
        </span>
      </summary>
      <div className="stack lists">
        {list("include", "Always the new path")}
        {list("exclude", "Always the old path")}
      </div>
    </details>
  );
}
