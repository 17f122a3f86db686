// What must never be seen, and what must not be left when everything has come to rest.
import { isTerminal } from "./changes.ts";
import type { CrossingCheck, CrossingState, Setting } from "./state.ts";

export function brokenIn(state: CrossingState): CrossingCheck[] {
  const broken: CrossingCheck[] = [];
  const orderAtWork = state.requests.some(
    ({ execution }) => execution?.worker === "busy" || execution?.zombie === "busy",
  );
  if (state.legacyWorker !== null && orderAtWork) broken.push("P4 legacy and order at work at once");
  for (const { legacyEffects, orderEffects } of state.requests) {
    if (legacyEffects > 0 && orderEffects > 0) broken.push("P2 a request took both paths");
    if (legacyEffects > 1) broken.push("TWICE legacy consumer did a request twice");
    if (orderEffects > 1) broken.push("TWICE order path did a request twice");
  }
  return broken;
}

export function brokenAtRest({ scenario }: Setting, state: CrossingState): CrossingCheck[] {
  const broken: CrossingCheck[] = [];
  scenario.messages.forEach(({ request }, index) => {
    const asked = state.requests[request];
    const reached = asked && (asked.legacyEffects > 0 || asked.execution !== null);
    if (state.messages[index]?.acknowledged && !reached) broken.push("P1 acknowledged without effect");
  });
  for (const { execution, row } of state.requests) {
    if (execution?.status === "RUNNING") broken.push("HANG execution never ends");
    else if (execution && !isTerminal(row)) broken.push("P6 execution ended, row never terminal");
  }
  const allAcknowledged = state.messages.every((message) => message.acknowledged);
  const allEnded = state.pin?.open.every((entry) => isTerminal(state.requests[entry.request]?.row ?? null));
  if (allAcknowledged && allEnded) broken.push("HANG pin never released");
  return broken;
}
