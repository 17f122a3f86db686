import {
  catchAll,
  catchRedrivenByHand,
  failedWith,
  ITEM,
  type Machine,
  redrivenByHand,
  refusedAt,
  retryTransient,
  retryWaiting,
  type TaskState,
  workNotDone,
} from "@crossfade/bridge/machines";

/** What went to the registry and the DNS service, in order. Each result tells of exactly one command. */
const REGISTERED = "$.registered.effects[0]";

/** One command of the item: `n` tells it from the others in the ledger, `role` what it is to the item. */
const command = (
  arn: string,
  step: { readonly n: number; readonly name: string; readonly role: "whole" | "part" | "reversal" },
  more: Pick<TaskState, "ResultPath" | "Catch"> & { readonly Next: string; readonly attempts?: number },
): TaskState => ({
  Type: "Task",
  Resource: arn,
  Parameters: {
    "orderId.$": "$.orderId",
    "correlationId.$": "$.correlationId",
    "generation.$": "$.generation",
    "item.$": "$.item",
    step,
  },
  TimeoutSeconds: 600,
  HeartbeatSeconds: 30,
  ResultPath: more.ResultPath ?? null,
  Retry: [retryWaiting(), retryTransient(more.attempts ?? 8)],
  ...(more.Catch && { Catch: more.Catch }),
  Next: more.Next,
});

/**
 * SetUpDomain: a registration and its DNS, two external commands of which the second may fail for good. Then the first
 * is reversed where the item asks for it (N17); a soft error names both facts, whichever way it ends. Only a refusal by
 * the DNS service is a failure for good: while it is not known what became of the command nothing is taken back.
 * Standard: activities need it (N19). Transitions: 5 when all goes well, 7 with a reversal.
 */
export const setUpDomainMachine = (arns: { readonly registry: string; readonly dns: string }): Machine => ({
  Comment: "Registers a domain and sets up its DNS; takes the registration back where asked, if the DNS fails for good",
  StartAt: "Register the domain",
  TimeoutSeconds: 7 * 24 * 3600,
  States: {
    "Register the domain": command(
      arns.registry,
      { n: 0, name: "register", role: "part" },
      {
        ResultPath: "$.registered",
        Catch: [catchRedrivenByHand, ...catchAll("The work could not be done")],
        Next: "Was the domain registered?",
      },
    ),
    "Was the domain registered?": {
      Type: "Choice",
      Choices: [{ Variable: "$.registered.Error", IsPresent: true, Next: "Registry refused the registration" }],
      Default: "Set up the DNS",
    },
    "Set up the DNS": command(
      arns.dns,
      { n: 1, name: "set-up-dns", role: "whole" },
      { ResultPath: "$.dns", Catch: catchAll("DNS was not finished"), Next: "Was the DNS set up?" },
    ),
    "Was the DNS set up?": {
      Type: "Choice",
      Choices: [
        {
          And: [
            { Variable: "$.dns.Error", IsPresent: true },
            { Variable: "$.item.reverse", IsPresent: true },
            { Variable: "$.item.reverse", BooleanEquals: true },
          ],
          Next: "Reverse the registration",
        },
        { Variable: "$.dns.Error", IsPresent: true, Next: "Domain is kept without DNS" },
      ],
      Default: "Domain is set up",
    },
    "Domain is set up": {
      Type: "Pass",
      Parameters: {
        ...ITEM,
        status: "COMPLETED",
        "effects.$": `States.Array(${REGISTERED}, $.dns.effects[0])`,
        "result.$": "$.registered.result",
      },
      End: true,
    },
    "Reverse the registration": command(
      arns.registry,
      { n: 2, name: "reverse", role: "reversal" },
      {
        ResultPath: "$.reversed",
        // What is paid by nobody must not stay: it is tried for as long as a day, with at most a minute between.
        attempts: 1_440,
        Catch: catchAll("Registration could not be reversed"),
        Next: "Was the registration reversed?",
      },
    ),
    "Was the registration reversed?": {
      Type: "Choice",
      Choices: [{ Variable: "$.reversed.Error", IsPresent: true, Next: "Registration could not be reversed" }],
      Default: "Registration is reversed",
    },
    "Registration is reversed": failedWith(
      "REVERSED_DNS_FAILED",
      "'the DNS set-up failed ({}), and the registration was reversed', $.dns.Error.Code",
      [REGISTERED, "$.reversed.effects[0]"],
    ),
    "Registration could not be reversed": failedWith(
      "PARTLY_DONE_NOT_REVERSED",
      "'the DNS set-up failed ({}), and the registration could not be reversed', $.dns.Error.Code",
      [REGISTERED],
    ),
    "Domain is kept without DNS": failedWith(
      "PARTLY_DONE_DNS_FAILED",
      "'the domain is registered, and its DNS set-up failed ({})', $.dns.Error.Code",
      [REGISTERED],
    ),
    "DNS was not finished": failedWith(
      "PARTLY_DONE_DNS_UNKNOWN",
      "'the domain is registered, and its DNS set-up was not finished ({})', $.failure.Error",
      [REGISTERED],
    ),
    "Registry refused the registration": refusedAt("$.registered"),
    "The order was redriven by hand": redrivenByHand,
    "The work could not be done": workNotDone,
  },
});
