import type { ExecutionView } from "@crossfade/bridge/console";
import { counted, duration, precise } from "../format.ts";
import { Chip } from "../parts/chip.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { Time } from "../parts/time.tsx";
import { statusWord } from "../words.ts";

function History({ execution }: { readonly execution: ExecutionView }) {
  const { history } = execution;
  if (history.length === 0) return <p className="fine">Its history is gone, or has not begun.</p>;
  return (
    <details>
      <summary>{counted(history.length, "newest event")}</summary>
      <Scroll label={`History of ${execution.name}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Event</th>
              <th scope="col">State</th>
              <th scope="col">Error</th>
            </tr>
          </thead>
          <tbody>
            {history.map((event) => (
              <tr key={event.id}>
                <td>{precise(event.at)}</td>
                <th scope="row">{event.type}</th>
                <td>{event.state ?? ""}</td>
                <td>{event.error && <code>{event.error}</code>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}

/** An execution and, below it, those that it started. */
export function Execution({ execution }: { readonly execution: ExecutionView }) {
  const { name, machine, status, startedAt, stoppedAt, redriveCount, error, children } = execution;
  return (
    <div className="execution">
      <p className="row">
        <strong>{machine}</strong>
        <Chip {...statusWord(status)} />
        <small className="muted">
          <Time at={startedAt} />
          {stoppedAt !== undefined && `, for ${duration(stoppedAt - startedAt)}`}
          {redriveCount > 0 && `, redriven ${counted(redriveCount, "time")}`}
        </small>
      </p>
      <code className="name">{name}</code>
      {error && (
        <p className="notice bad">
          <code>{error}</code>
        </p>
      )}
      <History execution={execution} />
      {children.length > 0 && (
        <ul className="children">
          {children.map((child) => (
            <li key={child.arn}>
              <Execution execution={child} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
