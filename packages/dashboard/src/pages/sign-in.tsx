import type { ReactNode } from "react";
import { Mark } from "../parts/mark.tsx";

function Gate({ children }: { readonly children: ReactNode }) {
  return (
    <main className="gate">
      <Mark />
      <h1>Crossfade</h1>
      {children}
    </main>
  );
}

export function Wait() {
  return (
    <Gate>
      <p role="status">One moment …</p>
    </Gate>
  );
}

export function SignIn({ why, signIn }: { readonly why: string | undefined; readonly signIn: () => void }) {
  return (
    <Gate>
      <p>Old and new side by side: what a migration has moved, and what came of it.</p>
      {why && (
        <p className="notice warn" role="status">
          {why}
        </p>
      )}
      <button type="button" className="primary" onClick={signIn}>
        Sign in
      </button>
    </Gate>
  );
}

/** The page cannot be used at all: its settings, the issuer or the API do not answer, or the person has no role here. */
export function NoEntry({ why, signOut }: { readonly why: string; readonly signOut: (() => void) | undefined }) {
  return (
    <Gate>
      <div className="notice bad" role="alert">
        <div>
          <strong>The dashboard cannot be shown</strong>
          <p>{why}</p>
        </div>
      </div>
      <p className="row">
        <button type="button" className="primary" onClick={() => window.location.reload()}>
          Try again
        </button>
        {signOut && (
          <button type="button" onClick={signOut}>
            Sign out
          </button>
        )}
      </p>
    </Gate>
  );
}
