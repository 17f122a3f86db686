import type { Plan } from "./plan.ts";

const LOG_DAYS = 90;

/** Requests of all people together, a second; each instance of the function limits one person further. */
const THROTTLE = { throttlingRateLimit: 50, throttlingBurstLimit: 100 };

/** Nobody's address, no path (it may name a request), no header: which endpoint, how it ended and how long it took. */
const ACCESS_LOG = {
  at: "$context.requestTimeEpoch",
  requestId: "$context.requestId",
  route: "$context.routeKey",
  method: "$context.httpMethod",
  status: "$context.status",
  ms: "$context.responseLatency",
  error: "$context.error.messageString",
  integrationError: "$context.integrationErrorMessage",
};

/** What the function answers; everything else ends here. CORS is the function's own, which knows the one origin. */
const ROUTES = ["ANY /api/{proxy+}", "GET /openapi.json"];

export interface ApiGateway {
  readonly url: $util.Output<string>;
  answerBy(fn: sst.aws.Function): void;
}

/** An HTTP API before the API's function, which verifies every token itself. */
export function apiGateway({ place }: Plan): ApiGateway {
  const api = new aws.apigatewayv2.Api("api", { name: place.name("api"), protocolType: "HTTP" });
  const log = new aws.cloudwatch.LogGroup("api-access", {
    name: `/aws/apigateway/${place.name("api")}`,
    retentionInDays: LOG_DAYS,
  });
  new aws.apigatewayv2.Stage("api", {
    apiId: api.id,
    name: "$default",
    autoDeploy: true,
    defaultRouteSettings: THROTTLE,
    accessLogSettings: { destinationArn: log.arn, format: JSON.stringify(ACCESS_LOG) },
  });
  return {
    url: api.apiEndpoint,
    answerBy(fn) {
      const integration = new aws.apigatewayv2.Integration("api", {
        apiId: api.id,
        integrationType: "AWS_PROXY",
        integrationUri: fn.arn,
        payloadFormatVersion: "2.0",
        timeoutMilliseconds: 30_000,
      });
      for (const routeKey of ROUTES) {
        new aws.apigatewayv2.Route(`api ${routeKey}`, {
          ...{ apiId: api.id, routeKey },
          target: $interpolate`integrations/${integration.id}`,
        });
      }
      // Of this API alone, whatever the endpoint.
      new aws.lambda.Permission("api", {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: $interpolate`${api.executionArn}/*/*`,
      });
    },
  };
}
