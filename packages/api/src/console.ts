import type { Path, RequestId, Rollout, RouteType } from "@crossfade/bridge";
import type {
  AuditPage,
  DeadLetterPage,
  DeadLetterQueues,
  DifferenceView,
  GuardRecord,
  GuardRequest,
  Overview,
  PageRequest,
  RedriveProgress,
  RequestStories,
  RolloutChange,
  RolloutPreview,
  RolloutRequest,
  RouteDetail,
  See,
  Verdict,
  VerdictPage,
} from "@crossfade/bridge/console";

/** Who changes something, and why; both are kept. */
export interface Author {
  readonly by: string;
  readonly reason: string;
}

export interface DeadLetterMove extends Author {
  readonly queue: string;
  readonly messageIds: readonly string[];
  readonly action: "redrive" | "discard";
}

/**
 * The use cases of the core, one for each endpoint. Each throws BridgeError: `reject` for what breaks a rule, `retry` for
 * what does not answer. Routes are of the migration.
 */
export interface Console {
  readonly routes: ReadonlySet<RouteType>;
  overview(hours: number): Promise<Overview>;
  route(route: RouteType, hours: number): Promise<RouteDetail>;
  rollout(route: RouteType): Promise<Rollout>;
  changeRollout(route: RouteType, request: RolloutRequest, by: string): Promise<Rollout>;
  previewRollout(route: RouteType, change: RolloutChange, see: See): Promise<RolloutPreview>;
  pauseRollout(route: RouteType, author: Author, version?: number): Promise<Rollout>;
  resumeRollout(route: RouteType, author: Author, version?: number): Promise<Rollout>;
  verdicts(route: RouteType, verdict: Verdict, page: PageRequest): Promise<VerdictPage>;
  /** Undefined where no such difference was found. */
  difference(route: RouteType, against: Path, id: string): Promise<DifferenceView | undefined>;
  audit(route: RouteType, page: PageRequest): Promise<AuditPage>;
  /** Undefined for a route that the guard does not look after. */
  guard(route: RouteType): Promise<GuardRecord | undefined>;
  setGuard(route: RouteType, request: GuardRequest, by: string): Promise<GuardRecord>;
  removeGuard(route: RouteType, author: Author): Promise<void>;
  requestStories(requestId: RequestId, see: See): Promise<RequestStories>;
  deadLetterQueues(): Promise<DeadLetterQueues>;
  deadLetters(queue: string, limit: number, see: See): Promise<DeadLetterPage>;
  moveDeadLetters(move: DeadLetterMove): Promise<RedriveProgress>;
}
