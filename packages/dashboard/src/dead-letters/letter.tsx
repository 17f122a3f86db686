import type { DeadLetter } from "@crossfade/bridge/console";
import { counted, size } from "../format.ts";
import { Scroll } from "../parts/scroll.tsx";
import { Ago } from "../parts/time.tsx";

/** As JSON with indents where it is JSON; else as it came. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** One message: why it is here, and (for operators) what it says. */
export function Letter({
  letter,
  isChosen,
  choose,
}: {
  readonly letter: DeadLetter;
  readonly isChosen: boolean;
  /** Undefined for viewers: they cannot move it. */
  readonly choose: ((isChosen: boolean) => void) | undefined;
}) {
  const { messageId, sentAt, receives, bytes, code, field, reason, source, body, attributes } = letter;
  return (
    <li className="letter">
      {choose && (
        <input
          type="checkbox"
          checked={isChosen}
          aria-label={`Choose message ${messageId}`}
          onChange={(event) => choose(event.target.checked)}
        />
      )}
      <div>
        <p className="row">
          {code ? <strong>{code}</strong> : <strong>came too often</strong>}
          <span>
            {field && (
              <>
                <code>{field}</code>:{" "}
              </>
            )}
            {reason ?? `received ${counted(receives, "time")}, and never handled`}
          </span>
        </p>
        <p className="fine">
          <code>{messageId}</code> · sent <Ago at={sentAt} /> · {size(bytes)} · {counted(receives, "receive")}
          {source && ` · from ${source.split(":").at(-1)}`}
        </p>
        {body !== undefined && (
          <details>
            <summary>What it says</summary>
            <Scroll label={`Body of message ${messageId}`}>
              <pre className="json">{pretty(body)}</pre>
            </Scroll>
            {attributes && Object.keys(attributes).length > 0 && (
              <dl className="facts">
                {Object.entries(attributes).map(([name, value]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>
                      <code>{value}</code>
                    </dd>
                  </div>
                ))}
              </dl>
            )}
          </details>
        )}
      </div>
    </li>
  );
}
