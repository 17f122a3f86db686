import { afterEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { DnsCommand, type RegistryCommand } from "../commands.ts";
import { dnsClient, dnsCommand } from "../dns-client.ts";
import { registryAvailability } from "../registry-availability.ts";
import { type RegistryClient, registryClient, registryCommand } from "../registry-client.ts";
import { startSimulatedDns } from "./simulated-dns.ts";
import { type SimulatedRegistry, type SimulatedRegistryOptions, startSimulatedRegistry } from "./simulated-registry.ts";
import type { SimulatedService } from "./simulation-server.ts";

const WELL_BEHAVED = { latencyMs: 0, unavailableRate: 0, slowRate: 0, stallRate: 0, takenRate: 0, notFoundRate: 0 };
const requestId = "6945a898-b1c8-4cf3-bf1d-1c200dbb28d0";
const refresh: RegistryCommand = { requestId, domain: "example.fi", command: "refresh" };
const renew: RegistryCommand = { ...refresh, command: "renew", years: 2, currentExpiry: "2026-04-01" };
const register: RegistryCommand = {
  ...{ ...refresh, command: "register", years: 1 },
  registrant: { name: "Aino Aalto", email: "aino@example.fi", country: "FI" },
  nameServers: ["ns1.example.fi", "ns2.example.fi"],
};

const running: SimulatedService[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
});

async function registryWith(options: SimulatedRegistryOptions = {}): Promise<SimulatedRegistry> {
  const service = await startSimulatedRegistry({ ...WELL_BEHAVED, ...options });
  running.push(service);
  return service;
}

async function session({ url }: SimulatedService, clientId = "worker", timeoutMs = 5_000): Promise<RegistryClient> {
  const client = registryClient({ url, timeoutMs });
  await client.login(clientId);
  return client;
}

const outcomes = (service: SimulatedService) => service.commands().map((command) => command.outcome);

describe("the simulated registry", () => {
  test("registers a name once, and says until when", async () => {
    const client = await session(await registryWith());
    const { nameServers } = register;
    const expiresAt = `${new Date().getUTCFullYear() + 1}${new Date().toISOString().slice(4, 10)}`;
    expect(await registryCommand(client, register).send("c-1")).toEqual({
      kind: "ended",
      outcome: {
        status: "COMPLETED",
        effects: [
          { service: "registry", command: "register", target: "example.fi", details: { years: 1, nameServers } },
        ],
        result: { domain: "example.fi", years: 1, nameServers, expiresAt },
      },
    });
    expect(await registryCommand(client, register).send("c-2")).toMatchObject({
      kind: "ended",
      outcome: { status: "FAILED", effects: [], Error: { Code: "DOMAIN_TAKEN", Retryable: false } },
    });
  });

  test("refuses what its seed says, whoever asks", async () => {
    const domains = Array.from({ length: 60 }, (_, n) => `name-${n}.fi`);
    const taken = async (clientId: string) => {
      const client = await session(await registryWith({ seed: 5, takenRate: 0.3 }), clientId);
      const answers: string[] = [];
      for (const domain of domains) answers.push((await client.send(domain, { ...register, domain })).status);
      return answers;
    };
    const first = await taken("legacy");
    expect(await taken("worker")).toEqual(first);
    expect(first.filter((status) => status === "refused").length).toBeGreaterThan(5);
    expect(first.filter((status) => status === "done").length).toBeGreaterThan(5);
  });

  test("does not know a name that its seed says does not exist, until it is registered", async () => {
    const client = await session(await registryWith({ notFoundRate: 1 }));
    expect(await client.send("c-1", refresh)).toMatchObject({ status: "refused", code: "DOMAIN_NOT_FOUND" });
    expect(await client.send("c-2", register)).toMatchObject({ status: "done" });
    expect(await client.send("c-3", refresh)).toMatchObject({ status: "done" });
  });

  test("tells which names are free without a session; it remembers the question, which is no command", async () => {
    const registry = await registryWith();
    const { taken } = registryAvailability({ url: registry.url });
    expect(await taken(["example.fi", "free.fi"])).toEqual([]);
    await (await session(registry)).send("c-1", register);
    expect(await taken(["example.fi", "free.fi"])).toEqual(["example.fi"]);
    expect(registry.questions()).toHaveLength(2);
    expect(outcomes(registry)).toEqual(["done"]);
    const allTaken = registryAvailability(await registryWith({ takenRate: 1 }));
    expect(await allTaken.taken(["example.fi"])).toEqual(["example.fi"]);
  });

  test("whose answer about names is none is not understood", async () => {
    const { taken } = registryAvailability({ url: (await registryWith()).url });
    await expect(taken(["not a name"])).rejects.toMatchObject({ code: "INVALID_ANSWER" });
  });

  test("does a thing twice when it is told twice, and remembers both", async () => {
    const registry = await registryWith();
    const client = await session(registry);
    const results = [await client.send("c-1", renew), await client.send("c-1", renew)];
    expect(results).toMatchObject([{ result: { expiresAt: "2028-04-01" } }, { result: { expiresAt: "2030-04-01" } }]);
    const remembered = { commandId: "c-1", clientId: "worker", requestId, command: "renew", outcome: "done" };
    expect(registry.commands()).toMatchObject([remembered, remembered]);
    expect(await (await fetch(`${registry.url}/commands`)).json()).toEqual(registry.commands());
  });

  test("that is unavailable did nothing", async () => {
    const registry = await registryWith({ unavailableRate: 1 });
    const command = registryCommand(await session(registry), renew);
    expect(await command.send("c-1")).toMatchObject({ kind: "not-done" });
    expect(await command.find("c-1")).toEqual({ kind: "never-received" });
    expect(outcomes(registry)).toEqual(["unavailable"]);
  });

  test("that stalls has done it: the answer can be asked for", async () => {
    const registry = await registryWith({ stallRate: 1, stallMs: 60_000 });
    const command = registryCommand(await session(registry, "worker", 300), renew);
    await expect(command.send("c-1")).rejects.toMatchObject({ code: "TIMED_OUT" });
    expect(await command.find("c-1")).toMatchObject({ kind: "ended", outcome: { status: "COMPLETED" } });
    expect(outcomes(registry)).toEqual(["done"]);
  });

  test("works one command at a time, whoever sends it", async () => {
    const registry = await registryWith({ latencyMs: 40 });
    const clients = await Promise.all(["a", "b", "c"].map((name) => session(registry, name)));
    const began = performance.now();
    await Promise.all(clients.map((client, n) => client.send(`c-${n}`, refresh)));
    expect(performance.now() - began).toBeGreaterThan(3 * 40 - 5);
  });

  test("misbehaves the same way for the same seed", async () => {
    const history = async () => {
      const registry = await registryWith({ seed: 11, unavailableRate: 0.5 });
      const client = await session(registry);
      for (let n = 0; n < 20; n++) await client.send(`c-${n}`, refresh);
      return outcomes(registry);
    };
    const first = await history();
    expect(new Set(first)).toEqual(new Set(["done", "unavailable"]));
    expect(await history()).toEqual(first);
  });
});

describe("a session", () => {
  test("is closed by the client's next one, and nothing of it is worked any more", async () => {
    const registry = await registryWith();
    const zombie = await session(registry);
    const other = await session(registry, "legacy");
    const successor = await session(registry);
    await expect(zombie.send("c-1", renew)).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    expect(await registryCommand(zombie, renew).find("c-1")).toEqual({ kind: "unknown" });
    expect(await registryCommand(successor, renew).find("c-1")).toEqual({ kind: "never-received" });
    expect(await other.send("c-2", renew)).toMatchObject({ status: "done" });
    expect(outcomes(registry)).toEqual(["SESSION_CLOSED", "done"]);
  });

  test("closed while a command waits for its turn: the command is not worked", async () => {
    const registry = await registryWith({ latencyMs: 200 });
    const zombie = await session(registry);
    const busy = await session(registry, "legacy");
    const first = busy.send("c-1", refresh);
    const waiting = expect(zombie.send("c-2", renew)).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    const successor = await session(registry);
    const found = await registryCommand(successor, renew).find("c-2");
    await Promise.all([first, waiting]);
    expect(found).toEqual({ kind: "never-received" });
    expect(outcomes(registry).filter((outcome) => outcome === "done")).toHaveLength(1);
  });

  test("knows what an earlier session did", async () => {
    const registry = await registryWith();
    await (await session(registry)).send("c-1", renew);
    expect(await (await session(registry)).find("c-1")).toMatchObject({ status: "done" });
  });

  test("takes no request that was overtaken by a later one", async () => {
    const registry = await registryWith();
    const post = async (path: string, body: object) => {
      const response = await fetch(`${registry.url}${path}`, {
        ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
      });
      return { httpStatus: response.status, answer: z.record(z.string(), z.json()).parse(await response.json()) };
    };
    const { answer } = await post("/sessions", { clientId: "worker" });
    const place = (sequence: number) => ({ ...answer, sequence, commandId: "c-1" });
    expect(await post("/commands/find", place(2))).toEqual({ httpStatus: 404, answer: { status: "unknown" } });
    const late = await post("/commands", { ...place(1), command: renew });
    expect(late).toMatchObject({ httpStatus: 403, answer: { status: "rejected", code: "OUT_OF_ORDER" } });
    expect(outcomes(registry)).toEqual(["OUT_OF_ORDER"]);
  });

  test("has to be opened first", async () => {
    const client = registryClient({ url: (await registryWith()).url });
    await expect(client.send("c-1", refresh)).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  });

  test("of a service that is gone leaves everything open", async () => {
    const registry = await startSimulatedRegistry(WELL_BEHAVED);
    const client = await session(registry);
    await registry.stop();
    await expect(client.send("c-1", refresh)).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    expect(await registryCommand(client, refresh).find("c-1")).toEqual({ kind: "unknown" });
  });

  test("takes no answer that breaks the contract", async () => {
    const client = await session(await registryWith());
    await expect(client.send("c-1", { ...refresh, domain: "no domain" })).rejects.toMatchObject({
      code: "INVALID_ANSWER",
    });
  });
});

describe("the simulated DNS service", () => {
  const update = DnsCommand.parse({
    ...{ requestId, domain: "example.fi", command: "update" },
    records: [{ name: "@", type: "A", value: "192.0.2.1", ttl: 3600 }],
  });

  test("counts the changes of a zone", async () => {
    const dns = await startSimulatedDns(WELL_BEHAVED);
    running.push(dns);
    const client = dnsClient({ url: dns.url });
    await client.login("worker");
    const effects = [{ service: "dns", command: "update", target: "example.fi", details: { records: 1 } }];
    for (const serial of [1, 2]) {
      expect(await dnsCommand(client, update).send(`c-${serial}`)).toMatchObject({
        kind: "ended",
        outcome: { status: "COMPLETED", effects, result: { serial } },
      });
    }
  });

  test("refuses a domain without a zone", async () => {
    const dns = await startSimulatedDns({ ...WELL_BEHAVED, notFoundRate: 1 });
    running.push(dns);
    const client = dnsClient({ url: dns.url });
    await client.login("worker");
    expect(await client.send("c-1", update)).toMatchObject({ status: "refused", code: "ZONE_NOT_FOUND" });
  });
});
