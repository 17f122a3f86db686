import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError } from "../api.ts";
import { Shape } from "./chip.tsx";

const whyOf = (error: Error): string => error.message;

const titleOf = (error: Error): string => {
  if (!(error instanceof ApiError)) return "Something in this page went wrong";
  if (error.status === 0) return error.code === "UNREACHABLE" ? "No answer" : "An answer that this page cannot read";
  if (error.status === 403) return "Not for your role";
  if (error.status === 404) return "Nothing is here";
  if (error.status === 429) return "Too many questions in a short time";
  return "The API could not answer";
};

/** What went wrong, and another try. */
export function Failure({ error, retry }: { readonly error: Error; readonly retry?: (() => void) | undefined }) {
  return (
    <div className="notice bad" role="alert">
      <Shape tone="bad" />
      <div>
        <strong>{titleOf(error)}</strong>
        <p>{whyOf(error)}</p>
      </div>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Nothing to show, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      <div>{children}</div>
    </div>
  );
}

/** A view once it is there; before that its place, and its failure where it did not come. */
export function Loaded<T>({
  view,
  lines = 4,
  children,
}: {
  readonly view: Pick<UseQueryResult<T>, "data" | "error" | "isPlaceholderData"> & { refetch(): unknown };
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}) {
  if (view.data !== undefined)
    return <div className={view.isPlaceholderData ? "stack dimmed" : "stack"}>{children(view.data)}</div>;
  if (view.error) return <Failure error={view.error} retry={() => void view.refetch()} />;
  return (
    <div className="waiting" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} />
      ))}
    </div>
  );
}
