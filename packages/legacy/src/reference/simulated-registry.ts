import type { Hono } from "hono";
import { RegistryCommand, type RegistryResult } from "../commands.ts";
import { type AvailabilityAnswer, AvailabilityQuestion } from "../registry-availability.ts";
import { draw } from "./draw.ts";
import { type Misbehaviour, type Performed, Simulation } from "./simulation.ts";
import { type SimulatedService, serveSimulation } from "./simulation-server.ts";

export interface SimulatedRegistryOptions extends Partial<Misbehaviour> {
  readonly port?: number;
  /** Share of the names that somebody else holds, 0 to 1; which ones follows from the seed. */
  readonly takenRate?: number;
  /** Share of the names that do not exist when they are renewed or refreshed. */
  readonly notFoundRate?: number;
  /** Share of the names that cannot be released once they are registered. */
  readonly lockedRate?: number;
}

const later = (day: string, years: number): string => {
  const date = new Date(`${day}T00:00:00.000Z`);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date.toISOString().slice(0, 10);
};

interface Rates {
  readonly seed: number;
  readonly takenRate: number;
  readonly notFoundRate: number;
  readonly lockedRate: number;
}

/** The domains as the simulated registry knows them. Names nobody asked for yet follow from the seed. */
function domains(rates: Rates) {
  const { seed, takenRate, notFoundRate, lockedRate } = rates;
  const registeredUntil = new Map<string, string>();
  const today = new Date().toISOString().slice(0, 10);
  const taken = (domain: string) => draw(seed, "taken", domain) < takenRate;
  const exists = (domain: string) => taken(domain) || draw(seed, "not-found", domain) >= notFoundRate;
  const until = (domain: string) => later(today, 1 + Math.floor(draw(seed, "until", domain) * 4));
  const done = (result: RegistryResult): Performed => {
    registeredUntil.set(result.domain, result.expiresAt);
    return { status: "done", result };
  };

  const held = (domain: string) => registeredUntil.has(domain) || taken(domain);

  const perform = (command: RegistryCommand): Performed => {
    const { domain } = command;
    const known = registeredUntil.get(domain);
    if (command.command === "register") {
      if (held(domain)) {
        return { status: "refused", code: "DOMAIN_TAKEN", message: `${domain} is registered already` };
      }
      const { years, nameServers } = command;
      return done({ domain, years, nameServers, expiresAt: later(today, years) });
    }
    if (known === undefined && !exists(domain)) {
      return { status: "refused", code: "DOMAIN_NOT_FOUND", message: `${domain} is not registered` };
    }
    if (command.command === "release") {
      if (draw(seed, "locked", domain) < lockedRate) {
        return { status: "refused", code: "DOMAIN_LOCKED", message: `${domain} cannot be released` };
      }
      registeredUntil.delete(domain);
      return { status: "done", result: { domain, expiresAt: today } satisfies RegistryResult };
    }
    if (command.command === "refresh") {
      return { status: "done", result: { domain, expiresAt: known ?? until(domain) } satisfies RegistryResult };
    }
    const { years, currentExpiry } = command;
    return done({ domain, years, currentExpiry, expiresAt: later(known ?? currentExpiry, years) });
  };
  return { perform, held };
}

/** A registry that listens. */
export interface SimulatedRegistry extends SimulatedService {
  /** Every question about availability, in order of arrival. Questions are no commands. */
  questions(): readonly AvailabilityQuestion[];
}

/**
 * A simulated top-level-domain registry, for development and tests: slow, one request at a time, now and then
 * unavailable. It registers nothing anywhere.
 */
export async function startSimulatedRegistry(options: SimulatedRegistryOptions = {}): Promise<SimulatedRegistry> {
  const { port = 0, seed = 1, takenRate = 0.06, notFoundRate = 0.04, lockedRate = 0, ...given } = options;
  const misbehaviour: Misbehaviour = {
    ...{ seed, latencyMs: 5, unavailableRate: 0.03, slowRate: 0.02, slowMs: 100, stallRate: 0.005, stallMs: 15_000 },
    ...given,
  };
  const { perform, held } = domains({ seed, takenRate, notFoundRate, lockedRate });
  const asked: AvailabilityQuestion[] = [];
  const answerQuestions = (app: Hono) =>
    app.post("/availability", async (context) => {
      const question = AvailabilityQuestion.parse(await context.req.json());
      asked.push(question);
      return context.json({ taken: question.domains.filter(held) } satisfies AvailabilityAnswer);
    });
  const simulation = new Simulation(misbehaviour, perform);
  const service = await serveSimulation(simulation, RegistryCommand, port, answerQuestions);
  return { ...service, questions: () => asked };
}
