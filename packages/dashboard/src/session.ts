import { UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { Settings } from "./settings.ts";

/** Where the issuer sends people back to. */
export const SIGNED_IN = "/signed-in";

export interface Session {
  /** The access token; undefined for who is not signed in, or no longer. */
  token(): Promise<string | undefined>;
  /** Goes to the issuer, and comes back to the page that is shown now. */
  signIn(): Promise<void>;
  /** Forgets the token here, and ends the issuer's session where it offers that. */
  signOut(): Promise<void>;
  /** Takes the issuer's answer out of the address. Returns the path that was asked for before. */
  finish(): Promise<string>;
  /** Forgets the token alone. */
  forget(): Promise<void>;
  onExpired(tell: () => void): () => void;
}

/** A path of this page's own origin; anything else is the overview. */
export const ownPath = (wanted: unknown): string =>
  typeof wanted === "string" && /^\/(?![/\\])/.test(wanted) && !wanted.startsWith(SIGNED_IN) ? wanted : "/";

/**
 * Sign-in by OIDC's code flow with PKCE. What is known of the person stands in sessionStorage, which is this tab's own
 * and ends with it; never in a cookie, never in an address.
 */
export function createSession({ issuer, clientId, scope, audience }: Settings): Session {
  const store = () => new WebStorageStateStore({ store: window.sessionStorage });
  const manager = new UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: `${window.location.origin}${SIGNED_IN}`,
    post_logout_redirect_uri: `${window.location.origin}/`,
    response_type: "code",
    scope,
    userStore: store(),
    stateStore: store(),
    // Renewed only where the issuer gave a refresh token: hidden frames are blocked by most browsers.
    automaticSilentRenew: false,
    loadUserInfo: false,
    ...(audience !== undefined && { extraQueryParams: { audience } }),
  });
  manager.events.addAccessTokenExpiring(() => {
    void manager
      .getUser()
      .then((user) => (user?.refresh_token ? manager.signinSilent() : undefined))
      .catch(() => {});
  });
  return {
    async token() {
      const user = await manager.getUser();
      return user === null || user.expired === true ? undefined : user.access_token;
    },
    signIn: () => manager.signinRedirect({ state: window.location.pathname + window.location.search }),
    async signOut() {
      const offersIt = (await manager.metadataService.getEndSessionEndpoint().catch(() => undefined)) !== undefined;
      if (offersIt) return manager.signoutRedirect();
      await manager.removeUser();
    },
    async finish() {
      const user = await manager.signinRedirectCallback();
      return ownPath(user.state);
    },
    forget: () => manager.removeUser(),
    onExpired: (tell) => manager.events.addAccessTokenExpired(tell),
  };
}
