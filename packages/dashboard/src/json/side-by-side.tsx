import type { Json } from "@crossfade/bridge/compare";
import type { Sample } from "@crossfade/bridge/console";
import { Scroll } from "../parts/scroll.tsx";
import { inOrderOf, jsonLines, markLines, pathsOf } from "./lines.ts";

function Side({
  name,
  of,
  value,
  sample,
  focus,
}: {
  readonly name: string;
  readonly of: "old" | "new";
  readonly value: Json | undefined;
  readonly sample: Sample;
  readonly focus: string | undefined;
}) {
  const heading = <h3 className={`path-name ${of}`}>{name}</h3>;
  if (value === undefined)
    return (
      <div className="side">
        {heading}
        <p className="muted">did not end in time</p>
      </div>
    );
  const lines = jsonLines(value);
  const paths = sample.differences.map((difference) => ({
    isFocus: difference.group === focus,
    paths: pathsOf(difference, of, value),
  }));
  const marked = markLines(
    lines,
    paths.flatMap((one) => one.paths),
  );
  const focused = markLines(
    lines,
    paths.flatMap((one) => (one.isFocus ? one.paths : [])),
  );
  return (
    <div className="side">
      {heading}
      <Scroll label={`Outcome of the ${of} path`}>
        <pre>
          {lines.map((line, n) => {
            const text = `${"  ".repeat(line.depth)}${line.text}\n`;
            const key = `${n} ${line.path}`;
            if (!marked.has(line)) return <span key={key}>{text}</span>;
            return (
              <mark key={key} className={focused.has(line) ? "focus" : ""} data-path={line.path}>
                {text}
              </mark>
            );
          })}
        </pre>
      </Scroll>
    </div>
  );
}

const show = (value: Json | undefined) =>
  value === undefined ? <span className="muted">not there</span> : <code>{JSON.stringify(value)}</code>;

/** What differs, field by field. */
export function DifferenceTable({ sample, focus }: { readonly sample: Sample; readonly focus?: string | undefined }) {
  return (
    <Scroll label="What differs">
      <table className="fields">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">How</th>
            <th scope="col">Old</th>
            <th scope="col">New</th>
          </tr>
        </thead>
        <tbody>
          {sample.differences.map((difference) => (
            <tr key={`${difference.kind} ${difference.path}`} className={difference.group === focus ? "focus" : ""}>
              <th scope="row">
                <code>{difference.path}</code>
              </th>
              <td>{difference.kind}</td>
              <td>{show(difference.old)}</td>
              <td>{show(difference.new)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** Both outcomes of one request, as they were kept: what differs is marked, what is personal is masked. */
export function SideBySide({
  sample,
  against,
  focus,
}: {
  readonly sample: Sample;
  readonly against: "legacy" | "order";
  readonly focus?: string | undefined;
}) {
  const [old, other] = against === "legacy" ? ["Old path", "New path"] : ["One order", "The same order again"];
  return (
    <div className="side-by-side">
      <Side name={old ?? ""} of="old" value={sample.old} sample={sample} focus={focus} />
      <Side
        name={other ?? ""}
        of="new"
        value={sample.new === undefined ? undefined : inOrderOf(sample.new, sample.old)}
        sample={sample}
        focus={focus}
      />
    </div>
  );
}
