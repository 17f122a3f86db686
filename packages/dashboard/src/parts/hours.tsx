import { useSearchParams } from "wouter";

const SPANS = [
  { hours: 1, text: "1 h", spoken: "the last hour" },
  { hours: 6, text: "6 h", spoken: "the last 6 hours" },
  { hours: 24, text: "24 h", spoken: "the last 24 hours" },
  { hours: 168, text: "7 d", spoken: "the last 7 days" },
] as const;

const USUAL = 24;

/** Of how many hours the page shows the counts; kept in its address. */
export function useHours(): readonly [number, (hours: number) => void] {
  const [search, setSearch] = useSearchParams();
  const wanted = Number(search.get("hours"));
  const hours = SPANS.some((span) => span.hours === wanted) ? wanted : USUAL;
  const set = (next: number) =>
    setSearch(
      (now) => {
        const params = new URLSearchParams(now);
        if (next === USUAL) params.delete("hours");
        else params.set("hours", String(next));
        return params;
      },
      { replace: true },
    );
  return [hours, set];
}

/** "the last 6 hours" */
export const spokenHours = (hours: number): string =>
  SPANS.find((span) => span.hours === hours)?.spoken ?? `the last ${hours} hours`;

export function Hours({ hours, set }: { readonly hours: number; readonly set: (hours: number) => void }) {
  return (
    <fieldset className="segments">
      <legend className="unseen">Counts of</legend>
      {SPANS.map((span) => (
        <label key={span.hours}>
          <input type="radio" name="hours" checked={span.hours === hours} onChange={() => set(span.hours)} />
          <span title={span.spoken}>{span.text}</span>
        </label>
      ))}
    </fieldset>
  );
}
