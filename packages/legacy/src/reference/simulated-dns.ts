import { DnsCommand } from "../commands.ts";
import { draw } from "./draw.ts";
import { type Misbehaviour, type Performed, Simulation } from "./simulation.ts";
import { type SimulatedService, serveSimulation } from "./simulation-server.ts";

export interface SimulatedDnsOptions extends Partial<Misbehaviour> {
  readonly port?: number;
  /** Share of the domains that have no zone, 0 to 1; which ones follows from the seed. */
  readonly notFoundRate?: number;
}

/** The zones as the simulated service knows them: the serial of each counts its changes. */
function zones(seed: number, notFoundRate: number): (command: DnsCommand) => Performed {
  const serials = new Map<string, number>();
  return ({ domain, records }) => {
    if (draw(seed, "no-zone", domain) < notFoundRate) {
      return { status: "refused", code: "ZONE_NOT_FOUND", message: `${domain} has no zone` };
    }
    const serial = (serials.get(domain) ?? 0) + 1;
    serials.set(domain, serial);
    return { status: "done", result: { domain, records: records.length, serial } };
  };
}

/** A simulated DNS service, for development and tests. It answers no DNS query and changes nothing anywhere. */
export function startSimulatedDns(options: SimulatedDnsOptions = {}): Promise<SimulatedService> {
  const { port = 0, seed = 1, notFoundRate = 0.04, ...given } = options;
  const misbehaviour: Misbehaviour = {
    ...{ seed, latencyMs: 2, unavailableRate: 0.03, slowRate: 0.02, slowMs: 50, stallRate: 0.005, stallMs: 15_000 },
    ...given,
  };
  return serveSimulation(new Simulation(misbehaviour, zones(seed, notFoundRate)), DnsCommand, port);
}
