import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import type * as z from "zod";
import { useAccess } from "./access.tsx";

/** Milliseconds between two looks; none while the tab is hidden. */
export const LIVE = 4_000;

const withoutHours = (path: string): string => path.replace(/\bhours=\d+/, "");

/**
 * A view of the API, looked at again and again.
 * @param every milliseconds; `false` for what does not change by itself.
 */
export function useView<T>(path: string, schema: z.ZodType<T>, every: number | false = LIVE): UseQueryResult<T> {
  const { api } = useAccess();
  return useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => api.get(path, schema, signal),
    refetchInterval: every,
    // Another number of hours of the same thing: the old numbers stay, dimmed, until the new ones are there.
    placeholderData: (previous, query) =>
      withoutHours(String(query?.queryKey[0])) === withoutHours(path) ? keepPreviousData(previous) : undefined,
  });
}

/** A path of the API, or of a page: its parts, each made safe. */
export const pathOf = (...parts: readonly string[]): string => `/${parts.map(encodeURIComponent).join("/")}`;

/** The last part of an address, whatever characters it was made of; as it stands where nobody encoded it. */
export function lastPart(pathname: string): string {
  const part = pathname.slice(pathname.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
