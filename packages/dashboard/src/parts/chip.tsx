import type { Tone, Word } from "../words.ts";

/** A shape for each tone, so that the colour is never alone. */
const SHAPES: Readonly<Record<Tone, string>> = {
  good: "M3.5 8.5l3 3 6-7",
  bad: "M4 4l8 8M12 4l-8 8",
  warn: "M8 3.5v5.5M8 12v.5",
  quiet: "M4 8h8",
  busy: "M8 3a5 5 0 1 1-5 5",
};

export function Shape({ tone }: { readonly tone: Tone }) {
  return (
    <svg className="shape" viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[tone]} />
    </svg>
  );
}

/** A word with its tone. */
export function Chip({ text, tone, title }: Word & { readonly title?: string | undefined }) {
  return (
    <span className={`chip ${tone}`} title={title}>
      <Shape tone={tone} />
      {text}
    </span>
  );
}
