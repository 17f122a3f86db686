import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds between two messages of a publisher. */
const EVERY = 40;

/** What goes on while something else happens: `sent` grows until it is stopped. */
export interface Flow<Sent> {
  readonly sent: readonly Sent[];
  /** Resolves once the last send is over. */
  stop(): Promise<readonly Sent[]>;
}

/** Sends one after the other until it is stopped; what each sent. */
export function flowOf<Sent>(send: () => Promise<Sent>): Flow<Sent> {
  const sent: Sent[] = [];
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      sent.push(await send());
      await pause(EVERY);
    }
  })();
  return {
    sent,
    async stop() {
      stopped = true;
      await running;
      return sent;
    },
  };
}
