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

/** The registry of functions: name or ARN in, result out. Rejects only when there is no such function. */
export interface FunctionHost {
  register(name: string, handler: Handler, options?: { readonly timeoutSeconds?: number }): string;
  invoke(nameOrArn: string, payload: unknown): Promise<InvocationResult>;
  has(nameOrArn: string): boolean;
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
