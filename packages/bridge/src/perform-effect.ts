import { pinIsDrained } from "./claim-request.ts";
import { hasFailedBefore, mayBeginAnew } from "./effect-anew.ts";
import { BridgeError } from "./errors.ts";
import { requestKeyText } from "./ids.ts";
import type { Outcome } from "./outcome.ts";
import type {
  BeginRefusal,
  BeginResult,
  BeginSeen,
  ClaimLedger,
  Clock,
  EffectBegin,
  EffectKey,
  EffectLedger,
  OpenEffect,
} from "./ports.ts";

/** What an external service says of a command. */
export type CommandResult =
  /** Done, or refused for good: either way this is the end of it. */
  | { readonly kind: "ended"; readonly outcome: Outcome }
  /** The service certainly did nothing; it may be asked again. */
  | { readonly kind: "not-done"; readonly reason: string };

/** What an external service says when it is asked about a command by its id. */
export type FindResult =
  | { readonly kind: "ended"; readonly outcome: Outcome }
  /** It was never received, and no earlier session can still send it. */
  | { readonly kind: "never-received" }
  | { readonly kind: "unknown" };

/** One external command. An exception from `send` leaves open whether it took effect. */
export interface ExternalCommand {
  send(commandId: string): Promise<CommandResult>;
  find(commandId: string): Promise<FindResult>;
}

export interface EffectDeps {
  readonly claims: Pick<ClaimLedger, "readMany">;
  readonly effects: EffectLedger;
  readonly clock: Clock;
}

/** The work of one item as a worker gets it; a worker session performs one command at a time. */
export type EffectRequest = Omit<EffectBegin, "at">;

/** What was begun anew in a later generation is another command to the service. */
const commandId = ({ key, n, generation }: EffectKey & { readonly generation: number }): string =>
  `${requestKeyText(key)}#${n}${generation === 0 ? "" : `@${generation}`}`;

/** `mine`: this worker owns the open effect, and must find out what happened even when nobody waits for it (E7). */
const open = (request: EffectRequest, reason: string, mine: boolean) =>
  new BridgeError("EFFECT_OPEN", "retry", `the command's end is not known: ${reason}`, {
    details: { commandId: commandId(request), mine },
  });

/** One reason each to look again: a pin that is drained, and an effect that may begin anew. */
const BEGINS = 3;

/**
 * Begins an effect; a pin on another lane is taken over once its work has ended there, and an effect that failed before a
 * redrive begins anew where that is of use.
 * @throws BridgeError PIN_BUSY (retry); REDRIVEN_BY_HAND, EFFECT_REFUSED (reject) when the claim has ended, the
 * generation is another, or the charge is decided.
 */
export async function beginEffect(
  deps: EffectDeps,
  request: EffectRequest,
): Promise<Exclude<BeginResult, { kind: "pin-busy" | "refused" }>> {
  const at = deps.clock.now();
  let seen: BeginSeen = {};
  for (let attempt = 0; attempt < BEGINS; attempt++) {
    const result = await deps.effects.begin({ ...request, at }, seen);
    if (result.kind === "refused") throw refused(request, result.reason);
    if (result.kind === "begun") return result;
    if (result.kind === "pin-busy") {
      if (!(await pinIsDrained(deps.claims, result.pin))) break;
      seen = { ...seen, takeOver: result.pin.entries };
    } else {
      if (!hasFailedBefore(result.effect, request)) return result;
      if (!mayBeginAnew(await deps.effects.read(request.key), request)) return result;
      seen = { ...seen, anew: result.effect };
    }
  }
  throw new BridgeError("PIN_BUSY", "retry", "another lane has work in flight on this key");
}

function refused({ generation }: EffectRequest, reason: BeginRefusal): BridgeError {
  const details = { reason, generation };
  if (reason === "REDRIVEN_BY_HAND") {
    const message = "the order was redriven by hand, and the ledger knows nothing of it: use crossfade redrive";
    return new BridgeError("REDRIVEN_BY_HAND", "reject", message, { details });
  }
  return new BridgeError("EFFECT_REFUSED", "reject", `the work may not begin: ${reason}`, { details });
}

/** Writes the end; when somebody else wrote it first, theirs counts. */
async function end(deps: EffectDeps, request: EffectRequest, owner: string, outcome: Outcome): Promise<Outcome> {
  if (await deps.effects.end({ ...request, owner }, outcome)) return outcome;
  const record = (await deps.effects.read(request.key)).find(({ n }) => n === request.n);
  if (record?.outcome !== undefined) return record.outcome;
  throw open(request, "another worker took the command over", false);
}

async function send(deps: EffectDeps, request: EffectRequest, command: ExternalCommand): Promise<Outcome> {
  const result = await command.send(commandId(request)).catch(async (cause: unknown): Promise<CommandResult> => {
    const found = await command.find(commandId(request));
    if (found.kind === "ended") return found;
    const name = cause instanceof Error ? cause.name : "unknown";
    if (found.kind === "unknown") throw open(request, name, true);
    return { kind: "not-done", reason: name };
  });
  if (result.kind === "ended") return end(deps, request, request.owner, result.outcome);
  await deps.effects.forget(request);
  throw new BridgeError("DEPENDENCY_FAILED", "retry", `not done: ${result.reason}`);
}

/**
 * Sends one external command at most once (A7): the ledger says begun before it, and ended with its result after it.
 * Where an earlier begin left no end, the service is asked what happened; the command is sent again only when the
 * service says that it never received it and no earlier session can send it any more.
 * @throws BridgeError PIN_BUSY, EFFECT_OPEN, DEPENDENCY_FAILED (retry); REDRIVEN_BY_HAND, EFFECT_REFUSED (reject).
 */
export async function performEffect(
  deps: EffectDeps,
  request: EffectRequest,
  command: ExternalCommand,
): Promise<Outcome> {
  const begun = await beginEffect(deps, request);
  if (begun.kind === "begun") return send(deps, request, command);
  const { effect } = begun;
  if (effect.outcome !== undefined) return effect.outcome;
  // Begun in an earlier generation, perhaps: it is that generation's command whose end is to be found.
  const earlier = { ...request, generation: effect.generation };
  const found = await command.find(commandId(earlier));
  if (found.kind === "ended") return end(deps, earlier, effect.owner, found.outcome);
  const mine = effect.owner === request.owner;
  if (found.kind === "unknown") throw open(earlier, "begun before, and the service cannot tell", mine);
  if (!mine && !(await deps.effects.takeOver(earlier, effect.owner, request.owner))) {
    throw open(earlier, "another worker took the command over", false);
  }
  return send(deps, earlier, command);
}

/** What became of the effects that nobody was working on. `unknown`: the service cannot tell; alarmed, pin kept. */
export interface Resolved {
  readonly ended: number;
  readonly neverSent: number;
  readonly unknown: number;
  /** Where the next round begins; undefined: at the start of the list. */
  readonly next: string | undefined;
}

async function resolveOne(
  effects: EffectLedger,
  effect: OpenEffect,
  find: (command: string, commandId: string) => Promise<FindResult>,
): Promise<"ended" | "neverSent" | "unknown"> {
  const found = await find(effect.command, commandId(effect));
  if (found.kind === "unknown") return "unknown";
  if (found.kind === "ended") {
    await effects.end(effect, found.outcome);
    return "ended";
  }
  await effects.forget(effect);
  return "neverSent";
}

/**
 * Ends what a killed worker, or a stopped order, left open: the service is asked about each command, and nothing is
 * sent. Without it an order that was stopped while its worker died would keep its charge and its pin for ever. To be
 * called by the one session of a service, and never while it works on a task.
 * @param page a round looks at so many, from where the last one stopped, so that none keeps the others waiting for ever.
 */
export async function resolveOpenEffects(
  { effects }: Pick<EffectDeps, "effects">,
  service: string,
  find: (command: string, commandId: string) => Promise<FindResult>,
  page: { readonly limit: number; readonly after?: string | undefined } = { limit: 50 },
): Promise<Resolved> {
  const resolved = { ended: 0, neverSent: 0, unknown: 0 };
  const { entries, next } = await effects.open(service, page.limit, page.after);
  for (const effect of entries) {
    // One that cannot be resolved must not keep the others from it.
    resolved[await resolveOne(effects, effect, find).catch(() => "unknown" as const)]++;
  }
  return { ...resolved, next };
}
