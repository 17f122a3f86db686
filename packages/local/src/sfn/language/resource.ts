/** What a Task's Resource names. */
export type Resource =
  | { readonly kind: "lambda"; readonly arn: string }
  | { readonly kind: "activity"; readonly arn: string }
  | { readonly kind: "service"; readonly service: string; readonly action: string; readonly pattern: Pattern }
  | { readonly kind: "unknown" };

/** How a service integration waits (developer guide, "Service integration patterns"). */
export type Pattern = "request" | "sync" | "sync:2" | "waitForTaskToken";

const LAMBDA = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[^:]+(:[^:]+)?$/;
const ACTIVITY = /^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:activity:[^:]+$/;
const SERVICE = /^arn:aws[a-z-]*:states:::((?:aws-sdk:)?[a-z0-9-]+):([A-Za-z]+)(?:\.(sync|sync:2|waitForTaskToken))?$/;

export function parseResource(arn: string): Resource {
  if (LAMBDA.test(arn)) return { kind: "lambda", arn };
  if (ACTIVITY.test(arn)) return { kind: "activity", arn };
  const match = SERVICE.exec(arn);
  if (match === null) return { kind: "unknown" };
  return { kind: "service", service: match[1] ?? "", action: match[2] ?? "", pattern: toPattern(match[3]) };
}

function toPattern(suffix: string | undefined): Pattern {
  return suffix === "sync" || suffix === "sync:2" || suffix === "waitForTaskToken" ? suffix : "request";
}
