import * as z from "zod";
import { DomainName } from "./messages/index.ts";
import { exchange, type ServiceAddress, ServiceError, understand } from "./service-client.ts";

/** `POST /availability`: a question of the registry that changes nothing and needs no session. */
export const AvailabilityQuestion = z.strictObject({ domains: z.array(DomainName).min(1).max(100) });
export type AvailabilityQuestion = z.infer<typeof AvailabilityQuestion>;

/** Those of the domains that nobody can register. */
export const AvailabilityAnswer = z.strictObject({ taken: z.array(DomainName) });
export type AvailabilityAnswer = z.infer<typeof AvailabilityAnswer>;

/** The registry, as far as it tells which names are free. What it says may be outdated when it is acted upon. */
export interface Availability {
  /** @throws ServiceError. */
  taken(domains: readonly string[]): Promise<readonly string[]>;
}

export const registryAvailability = ({ url, timeoutMs = 10_000 }: ServiceAddress): Availability => ({
  async taken(domains) {
    const answer = await exchange(`${url}/availability`, timeoutMs, { domains });
    const { taken } = understand(answer, AvailabilityAnswer);
    if (taken.every((domain) => domains.includes(domain))) return taken;
    throw new ServiceError("INVALID_ANSWER", "the answer names a domain that was not asked about");
  },
});
