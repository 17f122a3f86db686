import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { text } from "node:stream/consumers";
import * as z from "zod";
import type { Statement } from "../policies.ts";
import { type Call, callsOf } from "./calls.ts";

/** A call that no policy of its caller allows. */
export interface Denied extends Call {
  readonly caller: string;
}

export interface Gateway {
  /** The endpoint to give to the SDK, for the real one behind it. */
  readonly endpoint: string;
  close(): void;
}

const matches = (pattern: string, value: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(value);

const Keys = z.object({ "ForAllValues:StringLike": z.object({ "dynamodb:LeadingKeys": z.array(z.string()) }) });

/** Where a statement is about some keys alone, what a call puts must have one of them. */
const hasKey = ({ key = "" }: Call, condition: Statement["Condition"]): boolean =>
  condition === undefined ||
  Keys.parse(condition)["ForAllValues:StringLike"]["dynamodb:LeadingKeys"].some((each) => matches(each, key));

const allows = (call: Call, { Action, Resource, Condition }: Statement): boolean =>
  Action.includes(call.action) && hasKey(call, Condition) && isOn(call, Resource);

const isOn = ({ resource }: Call, Resource: Statement["Resource"]): boolean =>
  resource === undefined ? Resource.length > 0 : Resource.some((pattern) => matches(pattern, resource));

/** Who is let do what: by the access key with which a program signs, which is its name here. */
export class Permissions {
  readonly denied: Denied[] = [];
  /** `<caller> <action>` of everything that was asked for and allowed. */
  readonly used = new Set<string>();
  readonly #statements: ReadonlyMap<string, readonly Statement[]>;

  constructor(statements: ReadonlyMap<string, readonly Statement[]>) {
    this.#statements = statements;
  }

  /** The calls of a request that are not allowed. */
  check(caller: string, calls: readonly Call[]): readonly Denied[] {
    const statements = this.#statements.get(caller) ?? [];
    const denied = calls.filter((call) => !statements.some((statement) => allows(call, statement)));
    for (const call of calls) if (!denied.includes(call)) this.used.add(`${caller} ${call.action}`);
    const told = denied.map((call) => ({ caller, ...call }));
    this.denied.push(...told);
    return told;
  }
}

const callerOf = ({ headers }: IncomingMessage): string =>
  /Credential=([^/]+)\//.exec(headers.authorization ?? "")?.[1] ?? "nobody";

const header = (value: string | string[] | undefined): string => String(value ?? "");

function refuse(response: ServerResponse, denied: readonly Denied[]): void {
  const { caller, action, resource } = denied[0] ?? { caller: "", action: "", resource: "" };
  response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
  const message = `${caller} is not authorized to perform: ${action} on resource: ${resource}`;
  response.end(JSON.stringify({ __type: "AccessDeniedException", message }));
}

/** Stands before a server of the embedded cloud, and lets through what the policies allow. IAM itself is not there. */
export async function startGateway(permissions: Permissions, behind: string): Promise<Gateway> {
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = incoming;
    const body = await text(incoming);
    const target = header(headers["x-amz-target"]);
    const denied = permissions.check(callerOf(incoming), callsOf({ method, path: url, target, body }));
    if (denied.length > 0) return refuse(response, denied);
    const onward = send(new URL(url, behind), { method, headers }, (answered) => {
      response.writeHead(answered.statusCode ?? 500, answered.headers);
      answered.pipe(response);
    });
    onward.on("error", () => response.destroy());
    onward.end(body);
  };
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      permissions.denied.push({ caller: callerOf(incoming), action: String(error), resource: undefined });
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  return {
    endpoint: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
