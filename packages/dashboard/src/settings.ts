import * as z from "zod";

const address = z
  .string()
  .refine((text) => URL.canParse(text, "https://origin.example"), "must be an address or a path");

/** What the page is told of its surroundings, from /settings.json beside it. Nothing of it is secret. */
export const Settings = z.object({
  /** Of the API: absolute, or a path of the page's own origin. */
  apiUrl: address.default("/api"),
  /** Of the OIDC issuer; a path of the page's own origin in local mode. */
  issuer: address,
  clientId: z.string().min(1),
  audience: z.string().min(1).optional(),
  scope: z.string().min(1).default("openid profile"),
});
export type Settings = z.infer<typeof Settings>;

/**
 * Every address absolute, and without a slash at its end.
 * @param origin of the page, like `https://crossfade.example`.
 * @throws ZodError that names the field.
 */
export function readSettings(said: unknown, origin: string): Settings {
  const settings = Settings.parse(said);
  const absolute = (text: string): string => new URL(text, origin).href.replace(/\/$/, "");
  return { ...settings, apiUrl: absolute(settings.apiUrl), issuer: absolute(settings.issuer) };
}
