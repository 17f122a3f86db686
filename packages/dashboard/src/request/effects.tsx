import type { RequestStory } from "@crossfade/bridge/console";
import { duration, precise } from "../format.ts";
import { Chip } from "../parts/chip.tsx";
import { Scroll } from "../parts/scroll.tsx";

type Effect = RequestStory["effects"][number];

function State({ effect }: { readonly effect: Effect }) {
  if (effect.status === undefined) return <Chip text="open" tone="busy" />;
  if (effect.status === "COMPLETED") return <Chip text="done" tone="good" />;
  return (
    <Chip
      text={effect.status === "FAILED" ? "failed" : "done, unpaid"}
      tone={effect.status === "FAILED" ? "bad" : "warn"}
    />
  );
}

/** External commands, each at most once. */
export function Effects({ story: { effects, route } }: { readonly story: RequestStory }) {
  if (effects.length === 0) return null;
  return (
    <section className="panel" aria-labelledby={`effects-${route}`}>
      <header>
        <h2 id={`effects-${route}`}>Effects</h2>
        <p className="muted">external commands, each at most once</p>
      </header>
      <Scroll label="Effects">
        <table>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">Command</th>
              <th scope="col">State</th>
              <th scope="col">Begun</th>
              <th scope="col">Sent</th>
            </tr>
          </thead>
          <tbody>
            {effects.map((effect) => (
              <tr key={`${effect.n}@${effect.generation}`}>
                <td>
                  {effect.n}
                  {effect.generation > 0 && <small className="muted"> generation {effect.generation}</small>}
                </td>
                <th scope="row">{effect.role}</th>
                <td>
                  <State effect={effect} />
                  {effect.error && (
                    <small className="muted">
                      {" "}
                      <code>{effect.error.Code}</code> {effect.error.Message}
                    </small>
                  )}
                </td>
                <td>{precise(effect.begunAt)}</td>
                <td>{effect.sentAt === undefined ? "not known" : `+${duration(effect.sentAt - effect.begunAt)}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
