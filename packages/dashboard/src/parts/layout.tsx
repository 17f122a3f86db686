import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { useAccess } from "../access.tsx";
import { chooseTheme, chosenTheme, Theme } from "../theme.ts";
import { pathOf } from "../views.ts";
import { Mark } from "./mark.tsx";

function Search() {
  const [, navigate] = useLocation();
  const [id, setId] = useState("");
  return (
    <search>
      <form
        className="search"
        onSubmit={(event) => {
          event.preventDefault();
          if (id.trim() !== "") navigate(pathOf("requests", id.trim()));
        }}
      >
        <label className="unseen" htmlFor="search">
          Find a request by its id
        </label>
        <input
          id="search"
          type="search"
          value={id}
          onChange={(event) => setId(event.target.value)}
          placeholder="Request id"
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
        />
        <button type="submit">Find</button>
      </form>
    </search>
  );
}

const THEMES: Readonly<Record<Theme, { readonly sign: string; readonly name: string }>> = {
  system: { sign: "◐", name: "as the system" },
  light: { sign: "○", name: "light" },
  dark: { sign: "●", name: "dark" },
};

function ThemeSwitch() {
  const [theme, setTheme] = useState(chosenTheme);
  const next = Theme.options[(Theme.options.indexOf(theme) + 1) % Theme.options.length] ?? "system";
  return (
    <button
      type="button"
      className="quiet"
      title={`Colours: ${THEMES[theme].name}. Press for ${THEMES[next].name}.`}
      onClick={() => {
        chooseTheme(next);
        setTheme(next);
      }}
    >
      <span aria-hidden="true">{THEMES[theme].sign}</span>
      <span className="unseen">
        Colours: {THEMES[theme].name}. Change to {THEMES[next].name}.
      </span>
    </button>
  );
}

function Who() {
  const { me, signOut } = useAccess();
  return (
    <div className="who">
      <span className="person">
        <span className="name">{me.name ?? me.subject}</span>
        <span
          className={`role ${me.role}`}
          title={me.role === "viewer" ? "A viewer may look, and change nothing." : undefined}
        >
          {me.role}
        </span>
      </span>
      <ThemeSwitch />
      <button type="button" className="quiet" onClick={signOut}>
        Sign out
      </button>
    </div>
  );
}

/** What stands around every page. A new page moves the focus to its start, as a loaded one would. */
export function Layout({ children }: { readonly children: ReactNode }) {
  const [location] = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(location);
  useEffect(() => {
    if (shown.current === location) return;
    shown.current = location;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [location]);
  const isAt = (path: string) => (path === "/" ? location === "/" : location.startsWith(path));
  const link = (path: string, name: string) => (
    <Link href={path} aria-current={isAt(path) ? "page" : undefined}>
      {name}
    </Link>
  );
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <Link href="/" className="brand" aria-label="Crossfade, to the overview">
          <Mark />
          <span>Crossfade</span>
        </Link>
        <nav aria-label="Pages">
          {link("/", "Overview")}
          {link("/dead-letters", "Dead letters")}
        </nav>
        <Search />
        <Who />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
