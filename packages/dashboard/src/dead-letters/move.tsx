import { RedriveProgress } from "@crossfade/bridge/console";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAccess } from "../access.tsx";
import { count, counted } from "../format.ts";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { pathOf } from "../views.ts";
import { addPart, type Moved, nothingMoved, partsOf } from "./progress.ts";

export type Action = "redrive" | "discard";

/** The API ends a call after a while, and the same call goes on; so often for one part. */
const MOST_CALLS = 20;

/** How far it has come, and what did not go. */
export function Progress({ progress, action }: { readonly progress: Moved; readonly action: Action }) {
  const { of, moved, discarded, uncertain, failed, done } = progress;
  const handled = moved + discarded;
  const isWhole = done && failed.length + uncertain.length === 0;
  return (
    <div className={`notice ${done ? (isWhole ? "good" : "warn") : ""}`} role="status">
      <div>
        <strong>
          {action === "redrive" ? "Redriven" : "Discarded"}: {count(handled)} of {counted(of, "message")}
        </strong>
        {!done && <progress value={handled} max={of} aria-label="Progress" />}
        {uncertain.length > 0 && (
          <p>
            {counted(uncertain.length, "message")} sent once before, and perhaps in vain: look for{" "}
            {uncertain.length === 1 ? "it" : "them"} before you redrive again ({uncertain.join(", ")}).
          </p>
        )}
        {failed.map(({ messageId, reason }) => (
          <p key={messageId}>
            <code>{messageId}</code>: {reason}
          </p>
        ))}
        {done && handled < of && failed.length + uncertain.length === 0 && (
          <p>The queue did not give out the others now: look again in a minute.</p>
        )}
      </div>
    </div>
  );
}

/** Asks why, and moves the messages part by part. */
export function MoveDialog({
  queue,
  action,
  messageIds,
  returnsTo,
  onProgress,
  close,
}: {
  readonly queue: string;
  readonly action: Action;
  readonly messageIds: readonly string[];
  readonly returnsTo: string | undefined;
  readonly onProgress: (moved: Moved) => void;
  readonly close: () => void;
}) {
  const { api } = useAccess();
  const queries = useQueryClient();
  const [sum, setSum] = useState(nothingMoved(messageIds.length));
  const many = counted(messageIds.length, "message");
  const act = async (reason: string) => {
    const parts = partsOf(messageIds);
    let soFar = sum;
    try {
      for (const [n, part] of parts.entries()) {
        let isDone = false;
        for (let calls = 0; !isDone && calls < MOST_CALLS; calls++) {
          const body = { reason, messageIds: part };
          const answer = await api.send("POST", `${pathOf("dead-letters", queue)}/${action}`, body, RedriveProgress);
          isDone = answer.done;
          soFar = addPart(soFar, answer, isDone && n === parts.length - 1);
          setSum(soFar);
          onProgress(soFar);
        }
      }
    } finally {
      await queries.invalidateQueries();
    }
  };
  const isDiscard = action === "discard";
  return (
    <ReasonDialog
      title={isDiscard ? `Discard ${many}?` : `Redrive ${many}?`}
      deed={isDiscard ? "Discard for good" : "Redrive"}
      isDangerous={isDiscard}
      {...(isDiscard && { confirm: "discard" })}
      act={act}
      close={close}
    >
      <p>
        {isDiscard ? (
          "Their bodies are deleted and cannot be had back. What they asked for is not done."
        ) : (
          <>
            Each goes back byte for byte to where it came from
            {returnsTo && (
              <>
                {" "}
                (<code>{returnsTo.split(":").at(-1)}</code>)
              </>
            )}
            . A request that was claimed before keeps its path and is not done twice.
          </>
        )}
      </p>
      {sum.moved + sum.discarded > 0 && <Progress progress={sum} action={action} />}
    </ReasonDialog>
  );
}
