import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Console } from "./console.ts";
import { type ApiEnv, body, operation, seenBy, show } from "./operation.ts";
import { LimitQuery, MoveBody, QueueParams } from "./requests.ts";

/** Messages that nobody could handle. Whole queues are moved by `crossfade dead-letters`, which may take its time. */
export function deadLetters(app: OpenAPIHono<ApiEnv>, console: Console): void {
  app.openapi(
    operation({
      ...({ method: "get", path: "/api/dead-letters", role: "viewer", answer: "DeadLetterQueues" } as const),
      summary: "Dead-letter queues and the quarantine, with how much they hold",
      request: {},
    }),
    async (c) => show(c, "DeadLetterQueues", await console.deadLetterQueues()),
  );

  app.openapi(
    operation({
      ...({ method: "get", path: "/api/dead-letters/{queue}", role: "viewer", answer: "DeadLetterPage" } as const),
      summary: "Some messages of a dead-letter queue",
      request: { params: QueueParams, query: LimitQuery },
    }),
    async (c) => {
      const { limit } = c.req.valid("query");
      return show(c, "DeadLetterPage", await console.deadLetters(c.req.valid("param").queue, limit, seenBy(c)));
    },
  );

  for (const action of ["redrive", "discard"] as const) {
    app.openapi(
      operation({
        ...({ method: "post", path: `/api/dead-letters/{queue}/${action}`, role: "operator" } as const),
        answer: "RedriveProgress",
        summary: action === "redrive" ? "Sends messages to where they came from" : "Deletes messages for good",
        request: { params: QueueParams, body: body(MoveBody) },
      }),
      async (c) => {
        const { queue } = c.req.valid("param");
        const move = { queue, action, by: c.get("person").name, ...c.req.valid("json") };
        return show(c, "RedriveProgress", await console.moveDeadLetters(move));
      },
    );
  }
}
