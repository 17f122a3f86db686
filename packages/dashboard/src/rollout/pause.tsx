import { Rollout } from "@crossfade/bridge";
import type { RouteSummary } from "@crossfade/bridge/console";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAccess } from "../access.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { pathOf } from "../views.ts";
import { target } from "../words.ts";

/** Everything to the old path now, and back again: one button, for when there is no time to think about stages. */
export function Pause({ rollout }: { readonly rollout: RouteSummary["rollout"] }) {
  const { api } = useAccess();
  const queries = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const { route, version, paused, stage, hold } = rollout;
  if (hold !== undefined || (paused === undefined && stage === "legacy")) return null;
  const isPaused = paused !== undefined;
  const act = async (reason: string) => {
    const path = `${pathOf("routes", route)}/rollout/${isPaused ? "resume" : "pause"}`;
    await api.send("POST", path, { reason, version }, Rollout);
    await queries.invalidateQueries();
  };
  return (
    <>
      <button type="button" className={isPaused ? "" : "danger"} onClick={() => setIsOpen(true)}>
        {isPaused ? "Resume …" : "Pause …"}
      </button>
      {isOpen && (
        <ReasonDialog
          title={isPaused ? `Resume at ${target(paused)}?` : "Pause this route?"}
          deed={isPaused ? "Resume" : "Pause"}
          isDangerous={!isPaused}
          act={act}
          close={() => setIsOpen(false)}
        >
          <p>
            {isPaused
              ? "The route goes back to where it stood when it was paused."
              : `Every new request takes the old path until somebody resumes it. It is remembered that the route stood at ${target(rollout)}. Requests in flight stay on their path.`}
          </p>
        </ReasonDialog>
      )}
    </>
  );
}
