import type { RequestStory } from "@crossfade/bridge/console";
import { duration } from "../format.ts";
import { Time } from "../parts/time.tsx";

const LANES = { legacy: "Old path", bridge: "Bridge", order: "New path", shadow: "Shadow" } as const;

/** Everything that happened, in order; each in the lane of the path where it did. */
export function Timeline({ story }: { readonly story: RequestStory }) {
  const { timeline } = story;
  const first = timeline[0]?.at ?? 0;
  return (
    <section className="panel" aria-labelledby={`timeline-${story.route}`}>
      <header>
        <h2 id={`timeline-${story.route}`}>Timeline</h2>
        <p className="lane-key">
          {Object.entries(LANES).map(([lane, name]) => (
            <span key={lane} className={`lane-name ${lane}`}>
              {name}
            </span>
          ))}
        </p>
      </header>
      <ol className="timeline">
        {timeline.map(({ at, lane, what, detail }, n) => (
          <li key={n} className={lane}>
            <span className="when">
              <Time at={at} as="clock" />
              <small>{at === first ? "" : `+${duration(at - first)}`}</small>
            </span>
            <span className="dot" aria-hidden="true" />
            <span className="what">
              <span className={`lane-name ${lane}`}>{LANES[lane]}</span> <strong>{what}</strong>
              {detail && <small className="muted">{detail}</small>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
