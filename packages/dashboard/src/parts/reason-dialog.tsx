import { type FormEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { Failure } from "./loaded.tsx";

/** A native modal: it traps the focus, closes with Esc, and gives the focus back. */
export function Modal({
  label,
  close,
  children,
}: {
  readonly label: string;
  readonly close: () => void;
  readonly children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the element is gone: a dialog that is only removed does not give the focus back.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={label}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      {children}
    </dialog>
  );
}

/** Why: kept with the change, and shown in the audit. */
export function ReasonField({
  value,
  set,
  rows = 2,
}: {
  readonly value: string;
  readonly set: (reason: string) => void;
  readonly rows?: number;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Reason</label>
      <textarea
        id={id}
        value={value}
        onChange={(event) => set(event.target.value)}
        rows={rows}
        maxLength={1000}
        required
        placeholder="Kept in the audit with your name"
      />
    </div>
  );
}

interface Asking {
  readonly title: string;
  readonly children?: ReactNode;
  /** What the button says. */
  readonly deed: string;
  readonly isDangerous?: boolean;
  /** A word that must be typed first, for what cannot be taken back. */
  readonly confirm?: string;
  readonly act: (reason: string) => Promise<unknown>;
  readonly close: () => void;
}

/** Asks why, and does it. */
export function ReasonDialog({ title, children, deed, isDangerous, confirm, act, close }: Asking) {
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsBusy(true);
    setError(undefined);
    act(reason.trim())
      .then(close)
      .catch((failure: unknown) => {
        setIsBusy(false);
        setError(failure instanceof Error ? failure : new Error(String(failure)));
      });
  };
  return (
    <Modal label={`${id}-title`} close={close}>
      <form onSubmit={submit}>
        <h2 id={`${id}-title`}>{title}</h2>
        {children}
        <ReasonField value={reason} set={setReason} />
        {confirm !== undefined && (
          <div className="field">
            <label htmlFor={`${id}-confirm`}>
              Type <code>{confirm}</code> to confirm
            </label>
            <input
              id={`${id}-confirm`}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoComplete="off"
            />
          </div>
        )}
        {error && <Failure error={error} />}
        <footer>
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button
            type="submit"
            className={isDangerous ? "danger" : "primary"}
            disabled={isBusy || reason.trim() === "" || (confirm !== undefined && typed.trim() !== confirm)}
          >
            {isBusy ? "One moment …" : deed}
          </button>
        </footer>
      </form>
    </Modal>
  );
}
