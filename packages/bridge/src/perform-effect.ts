import { pinIsDrained } from "./claim-request.ts";
import { BridgeError } from "./errors.ts";
import { requestKeyText } from "./ids.ts";
import type { Outcome } from "./outcome.ts";
import type { BeginResult, ClaimLedger, Clock, EffectBegin, EffectKey, EffectLedger, OpenEffect } from "./ports.ts";

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

const commandId = ({ key, n }: EffectKey): string => `${requestKeyText(key)}#${n}`;

/** `mine`: this worker owns the open effect, and must find out what happened even when nobody waits for it (E7). */
const open = (request: EffectRequest, reason: string, mine: boolean) =>
  new BridgeError("EFFECT_OPEN", "retry", `the command's end is not known: ${reason}`, {
    details: { commandId: commandId(request), mine },
  });

async function begin(deps: EffectDeps, request: EffectRequest): Promise<Exclude<BeginResult, { kind: "pin-busy" }>> {
  const at = deps.clock.now();
  const first = await deps.effects.begin({ ...request, at });
  if (first.kind !== "pin-busy") return first;
  if (await pinIsDrained(deps.claims, first.pin)) {
    const second = await deps.effects.begin({ ...request, at }, first.pin.entries);
    if (second.kind !== "pin-busy") return second;
  }
  throw new BridgeError("PIN_BUSY", "retry", "the other path has work in flight on this key");
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
 * @throws BridgeError PIN_BUSY, EFFECT_OPEN, DEPENDENCY_FAILED (retry); EFFECT_REFUSED (reject) when the claim has
 * ended, the generation is another, or the charge is decided.
 */
export async function performEffect(
  deps: EffectDeps,
  request: EffectRequest,
  command: ExternalCommand,
): Promise<Outcome> {
  const begun = await begin(deps, request);
  if (begun.kind === "begun") return send(deps, request, command);
  if (begun.kind === "refused") {
    throw new BridgeError("EFFECT_REFUSED", "reject", `the work may not begin: ${begun.reason}`, {
      details: { reason: begun.reason },
    });
  }
  const { effect } = begun;
  if (effect.outcome !== undefined) return effect.outcome;
  const found = await command.find(commandId(request));
  if (found.kind === "ended") return end(deps, request, effect.owner, found.outcome);
  const mine = effect.owner === request.owner;
  if (found.kind === "unknown") throw open(request, "begun before, and the service cannot tell", mine);
  if (!mine && !(await deps.effects.takeOver(request, effect.owner, request.owner))) {
    throw open(request, "another worker took the command over", false);
  }
  return send(deps, request, command);
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
