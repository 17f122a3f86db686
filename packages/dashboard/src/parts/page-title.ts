import { useEffect } from "react";

/** The tab's title, with the page's own name first. */
export function usePageTitle(name: string): void {
  useEffect(() => {
    document.title = `${name} · Crossfade`;
  }, [name]);
}
