import { composeApi } from "./compose-api.ts";
import { answerOf, requestOf } from "./http-event.ts";
import { telemetry } from "./telemetry.ts";

const { logger, count, tell, flush } = telemetry("api");
const answer = composeApi((request, error) => {
  if (error === undefined) logger.info("Request refused", { ...request });
  else tell("Request not answered", error, { ...request });
});

/** Behind API Gateway: what a person sees and does of the migration. Never log what is asked or answered. */
export async function handler(event: unknown) {
  const { request, source } = requestOf(event);
  const response = await answer(request, source);
  count(`Api.${Math.floor(response.status / 100)}xx`);
  await flush();
  return answerOf(response);
}
