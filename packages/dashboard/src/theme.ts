import * as z from "zod";

/** What a person chose; `system` follows the system's own setting. */
export const Theme = z.enum(["system", "light", "dark"]);
export type Theme = z.infer<typeof Theme>;

const KEY = "crossfade.theme";

export const chosenTheme = (): Theme => Theme.catch("system").parse(localStorage.getItem(KEY));

/** Shown at once, and remembered in this browser. */
export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  showTheme(theme);
}

export function showTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  window.dispatchEvent(new Event("themechange"));
}

/** Calls when the colours on the page change, by choice or by the system. */
export function onThemeChange(tell: () => void): () => void {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", tell);
  window.addEventListener("themechange", tell);
  return () => {
    system.removeEventListener("change", tell);
    window.removeEventListener("themechange", tell);
  };
}
