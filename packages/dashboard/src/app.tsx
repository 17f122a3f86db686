import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { AccessContext, Me } from "./access.tsx";
import { ApiError, createApi } from "./api.ts";
import { Pages } from "./pages/pages.tsx";
import { NoEntry, SignIn, Wait } from "./pages/sign-in.tsx";
import { createSession, type Session, SIGNED_IN } from "./session.ts";
import { readSettings, type Settings } from "./settings.ts";

type State =
  | { readonly kind: "wait" }
  | { readonly kind: "broken"; readonly why: string }
  | { readonly kind: "signed-out"; readonly why?: string }
  | { readonly kind: "signed-in"; readonly me: Me };

interface Surroundings {
  readonly settings: Settings;
  readonly session: Session;
}

async function look(): Promise<Surroundings> {
  const response = await fetch("/settings.json", { credentials: "omit", cache: "no-store" });
  if (!response.ok) throw new Error(`/settings.json answered with ${response.status}`);
  const settings = readSettings(await response.json(), window.location.origin);
  return { settings, session: createSession(settings) };
}

/** Once for the page, not for each time that it is shown: a code can be spent only once. */
const surroundings = look();
const finished = surroundings.then(({ session }) =>
  window.location.pathname === SIGNED_IN ? session.finish() : undefined,
);
// Both are awaited below, where their failure is shown.
finished.catch(() => {});

const EXPIRED = "Your sign-in has ended. Sign in again to go on where you were.";

/** Failures that another try may mend: no answer, or the server's own. */
const mayTryAgain = (failures: number, error: Error): boolean =>
  failures < 2 &&
  error instanceof ApiError &&
  error.code !== "UNEXPECTED_ANSWER" &&
  (error.status === 0 || error.status >= 500);

export function App() {
  const [state, setState] = useState<State>({ kind: "wait" });
  const [around, setAround] = useState<Surroundings>();
  const [, navigate] = useLocation();
  const queries = useMemo(
    () =>
      new QueryClient({ defaultOptions: { queries: { retry: mayTryAgain, retryDelay: 500, networkMode: "always" } } }),
    [],
  );
  const api = useMemo(() => {
    if (around === undefined) return undefined;
    const { settings, session } = around;
    return createApi(settings.apiUrl, session.token, () => {
      void session.forget();
      setState({ kind: "signed-out", why: EXPIRED });
    });
  }, [around]);

  useEffect(() => {
    let isShown = true;
    const show = (next: State) => isShown && setState(next);
    surroundings
      .then(async (found) => {
        const path = await finished.catch((error: unknown) => {
          show({
            kind: "signed-out",
            why: `Sign-in did not succeed: ${String(error instanceof Error ? error.message : error)}`,
          });
          return "/";
        });
        if (path !== undefined) navigate(path, { replace: true });
        if (!isShown) return;
        setAround(found);
      })
      .catch((error: unknown) => show({ kind: "broken", why: String(error instanceof Error ? error.message : error) }));
    return () => {
      isShown = false;
    };
  }, [navigate]);

  useEffect(() => {
    if (around === undefined || api === undefined) return;
    const { session } = around;
    let isShown = true;
    const show = (next: State) => isShown && setState(next);
    session
      .token()
      .then(async (token) => {
        if (token === undefined) return setState((now) => (now.kind === "signed-out" ? now : { kind: "signed-out" }));
        show({ kind: "signed-in", me: await api.get("/me", Me) });
      })
      .catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 401) return;
        show({ kind: "broken", why: String(error instanceof Error ? error.message : error) });
      });
    const unsubscribe = session.onExpired(() => {
      void session.forget();
      show({ kind: "signed-out", why: EXPIRED });
    });
    return () => {
      isShown = false;
      unsubscribe();
    };
  }, [around, api]);

  const signOut = () => {
    queries.clear();
    void around?.session.signOut().then(() => setState({ kind: "signed-out", why: "You are signed out." }));
  };
  if (state.kind === "wait") return <Wait />;
  if (state.kind === "broken") return <NoEntry why={state.why} signOut={around && signOut} />;
  if (state.kind === "signed-out" || api === undefined)
    return <SignIn why={state.kind === "signed-out" ? state.why : undefined} signIn={() => around?.session.signIn()} />;
  return (
    <AccessContext value={{ api, me: state.me, signOut }}>
      <QueryClientProvider client={queries}>
        <Pages />
      </QueryClientProvider>
    </AccessContext>
  );
}
