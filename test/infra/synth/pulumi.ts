import { createRequire } from "node:module";
import { join } from "node:path";

/** The little of Pulumi's SDK that the harness calls; the SDK itself stands in SST's platform, not in our node_modules. */
export interface Pulumi {
  readonly runtime: {
    setMocks(mocks: Mocks, project: string, stack: string, preview: boolean): Promise<void>;
    getMonitor(): Monitor;
    runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
    disconnect(): Promise<void>;
  };
  output(value: unknown): { apply(use: (value: unknown) => void): unknown };
}

export type Properties = Record<string, unknown>;

export interface MockedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Properties;
  /** Set when a resource is read and not created. */
  readonly id?: string;
}

export interface MockedCall {
  readonly token: string;
  readonly inputs: Properties;
}

export interface Mocks {
  newResource(resource: MockedResource): { id: string; state: Properties };
  call(call: MockedCall): Properties;
}

/** A request to register a resource, as it goes to Pulumi's engine: its options never reach the mocks. */
export interface Registration {
  getType(): string;
  getName(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
  getParent(): string;
}

export interface Monitor {
  registerResource(request: Registration, callback: (error: unknown, answer: unknown) => void): Promise<void>;
}

/** The same copy of the SDK that the bundled config imports: mocks set on another one would not be seen. */
export function loadPulumi(platform: string): Pulumi {
  const pulumi: Pulumi = createRequire(join(platform, "package.json"))("@pulumi/pulumi");
  return pulumi;
}

/** Under this key Pulumi marks a secret among a resource's inputs. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const isObject = (value: unknown): value is Properties => typeof value === "object" && value !== null;

/** Plain data, secrets included: what AWS would be given. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === SECRET) return plain(value["value"]);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

export const plainProperties = (inputs: Properties): Properties => {
  const value = plain(inputs);
  return isObject(value) ? value : {};
};
