import { type Machine, retryTransient, retryWaiting } from "./asl.ts";
import { type DelegationSpec, delegationStates } from "./delegation.ts";
import { catchAll, catchRedrivenByHand, ITEM, redrivenByHand, refusedAt, workNotDone } from "./parts.ts";

/** What tells one Action from another. State names read as sentences (R6). */
export interface ActionSpec {
  /** The machine is called `<migration>-<action>`; items name it (N2). */
  readonly action: string;
  readonly comment: string;
  /** The activity whose workers do the work (N3). */
  readonly activity: string;
  readonly doIt: string;
  readonly wasItDone: string;
  readonly done: string;
  readonly notDone: string;
  /** Seconds for which a worker may work on one task, and between its heartbeats. */
  readonly timeoutSeconds: number;
  readonly heartbeatSeconds: number;
  /** Given where the legacy service may do the work for the order path (N4). */
  readonly delegation?: Pick<DelegationSpec, "whoDoesIt" | "handOver">;
}

/** What an Action needs to know of its surroundings. */
export interface ActionArns {
  readonly activity: string;
  readonly delegateFunction: string;
  /** Seconds of one wait for the legacy service. */
  readonly delegateWaitSeconds: number;
}

/**
 * An Action: one piece of external work by an activity worker. The worker returns the item's outcome; a refusal comes
 * back as data with an Error attribute, and the Choice acts on it (N8). Whatever is thrown ends as a soft error too, so
 * that an item never fails its neighbours (N5). Standard: activities need it (N19).
 * Transitions: 3 (the work, the Choice, the end), one more where it may be delegated, two more where it is.
 */
export const actionMachine = (spec: ActionSpec, arns: ActionArns): Machine => ({
  Comment: spec.comment,
  StartAt: spec.delegation?.whoDoesIt ?? spec.doIt,
  // Includes the wait for a worker: a burst of thousands is worked one at a time (L2).
  TimeoutSeconds: 7 * 24 * 3600,
  States: {
    ...(spec.delegation &&
      delegationStates({
        ...spec.delegation,
        doIt: spec.doIt,
        wasItDone: spec.wasItDone,
        functionArn: arns.delegateFunction,
        waitSeconds: arns.delegateWaitSeconds,
      })),
    [spec.doIt]: {
      Type: "Task",
      Resource: arns.activity,
      TimeoutSeconds: spec.timeoutSeconds,
      HeartbeatSeconds: spec.heartbeatSeconds,
      ResultPath: "$.work",
      Retry: [retryWaiting(), retryTransient(8)],
      Catch: [catchRedrivenByHand, ...catchAll("The work could not be done")],
      Next: spec.wasItDone,
    },
    [spec.wasItDone]: {
      Type: "Choice",
      Choices: [
        { Variable: "$.work.Error", IsPresent: true, Next: spec.notDone },
        { Variable: "$.work.resultCheck", IsPresent: true, Next: "The work is done and its result is kept apart" },
      ],
      Default: spec.done,
    },
    [spec.done]: {
      Type: "Pass",
      Parameters: {
        ...ITEM,
        status: "COMPLETED",
        "effects.$": "$.work.effects",
        "result.$": "$.work.result",
      },
      End: true,
    },
    "The work is done and its result is kept apart": {
      Type: "Pass",
      Comment: "A large result travels by claim check (N18)",
      Parameters: {
        ...ITEM,
        status: "COMPLETED",
        "effects.$": "$.work.effects",
        "resultCheck.$": "$.work.resultCheck",
      },
      End: true,
    },
    [spec.notDone]: refusedAt("$.work"),
    "The order was redriven by hand": redrivenByHand,
    "The work could not be done": workNotDone,
  },
});
