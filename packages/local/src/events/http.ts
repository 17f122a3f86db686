import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { RunningServer } from "../contract.ts";
import { listen } from "../listen.ts";
import { EventsError, notSupported } from "./errors.ts";
import type { Actions } from "./request.ts";

const TARGET_PREFIX = "AWSEvents.";

/** The AWS JSON 1.1 protocol: X-Amz-Target names the action, the body is its request. */
export async function serve(actions: Actions, port: number): Promise<RunningServer> {
  const byName = new Map(Object.entries(actions));
  const server = createServer((request, response) => {
    const reply = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() });
      response.end(JSON.stringify(body));
    };
    run(request, byName).then(
      (body) => reply(200, body),
      (error: unknown) => {
        if (error instanceof EventsError) reply(400, { __type: error.code, message: error.message });
        else reply(500, { __type: "InternalException", message: String(error) });
      },
    );
  });
  return listen(server, port);
}

async function run(request: IncomingMessage, actions: ReadonlyMap<string, Actions[string]>): Promise<unknown> {
  const target = String(request.headers["x-amz-target"] ?? "");
  const name = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : target;
  const action = actions.get(name);
  if (action === undefined) throw notSupported(name, "UnknownOperationException");
  return action(parseBody(await text(request)));
}

function parseBody(body: string): unknown {
  try {
    return body === "" ? {} : JSON.parse(body);
  } catch {
    throw new EventsError("SerializationException", "The request body is not valid JSON");
  }
}
