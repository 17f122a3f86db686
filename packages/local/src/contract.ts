/** What the parts of the embedded cloud agree on. One account and one region, as in fauxqs. */
export const ACCOUNT_ID = "000000000000";
export const DEFAULT_REGION = "eu-west-1";

/** What a handler is given besides its event; the fields of AWS's Lambda context that code may rely on. */
export interface InvocationContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
  done(): void;
  fail(): void;
  succeed(): void;
}

/** A Lambda function as the embedded cloud runs it: in this process, with the event shape of the real trigger. */
export type Handler = (event: unknown, context: InvocationContext) => Promise<unknown>;

/** How an invocation ended. `functionError` mirrors the X-Amz-Function-Error header and its JSON payload. */
export type InvocationResult =
  | { readonly kind: "returned"; readonly payload: unknown }
  | {
      readonly kind: "failed";
      readonly errorType: string;
      readonly errorMessage: string;
      readonly trace: readonly string[];
    };

/** A function as a bundled ES module, which runs apart from this process's globals and environment. */
export interface FunctionBundle {
  readonly file: string;
  /** The name of the exported handler; default "handler". */
  readonly export?: string;
  /** All of its process.env: nothing is added, so the caller puts in what finds the cloud (Cloud.env). */
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
  /** Invocations at a time, each in a thread of its own; default 4. Further ones wait. */
  readonly concurrency?: number;
}

/** What is known of a registered function. */
export interface FunctionDescription {
  readonly name: string;
  readonly arn: string;
  readonly timeoutSeconds: number;
  /** Empty for a handler in this process, which reads that process's own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly modifiedAt: Date;
}

/** Runs functions: name, partial ARN or ARN in, result out. `invoke` rejects only when there is no such function. */
export interface FunctionHost {
  /** A handler in this process; gives the ARN. Registering a name again replaces its function. */
  register(name: string, handler: Handler, options?: { readonly timeoutSeconds?: number }): string;
  invoke(nameOrArn: string, payload: unknown): Promise<InvocationResult>;
  has(nameOrArn: string): boolean;
}

/** The functions of the embedded cloud. */
export interface FunctionRegistry extends FunctionHost {
  /** A bundle; gives the ARN. It is loaded at its first invocation, which fails if it does not load. */
  registerBundle(name: string, bundle: FunctionBundle): string;
  find(nameOrArn: string): FunctionDescription | undefined;
  /** Ends the threads of bundles; what they had in hand fails. */
  close(): Promise<void>;
}

/** An event as EventBridge delivers it to a target (AWS, "EventBridge event structure"). */
export interface CloudEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Where the Step Functions server puts its status-change events. */
export interface EventSink {
  publish(event: CloudEvent): void;
}

/** A running server: where it listens, and how to end it. */
export interface RunningServer {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** What the Step Functions server needs from its surroundings; servers not given are refused as integrations. */
export interface StepFunctionsOptions {
  readonly port?: number;
  readonly region?: string;
  readonly functions: FunctionHost;
  readonly events: EventSink;
  /** Base URLs of the servers that integrations call with the real SDK. */
  readonly endpoints: { readonly sqs?: string; readonly sns?: string; readonly dynamodb?: string };
}
