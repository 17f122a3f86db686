import { answerOf } from "./calls.ts";
import { type Place, physicalOf } from "./physical.ts";
import { type Monitor, type Pulumi, plainProperties, type Registration } from "./pulumi.ts";
import { COMMAND, runCommand } from "./run-command.ts";
import type { Resource } from "./synthesis.ts";

const optionsOf = (request: Registration): Resource["options"] => ({
  protect: request.getProtect(),
  retainOnDelete: request.getRetainondelete(),
  ignoreChanges: request.getIgnorechangesList(),
});

const NO_OPTIONS: Resource["options"] = { protect: false, retainOnDelete: false, ignoreChanges: [] };

/** Options do not reach Pulumi's mocks: they are read from the requests on their way to the engine. */
function watchOptions(monitor: Monitor): ReadonlyMap<string, Resource["options"]> {
  const options = new Map<string, Resource["options"]>();
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    options.set(`${request.getType()} ${request.getName()}`, optionsOf(request));
    return register(request, callback);
  };
  return options;
}

/** Puts mocks in the place of Pulumi's engine and of AWS. @returns the list that everything is added to. */
export async function recordResources(
  pulumi: Pulumi,
  { app, stage, place }: { readonly app: string; readonly stage: string; readonly place: Place },
): Promise<readonly Resource[]> {
  const resources: Resource[] = [];
  let options: ReadonlyMap<string, Resource["options"]> = new Map();
  await pulumi.runtime.setMocks(
    {
      newResource(resource) {
        const { type, name } = resource;
        const inputs = plainProperties(resource.inputs);
        const read = resource.id !== undefined && resource.id !== "";
        if (type === COMMAND) runCommand(inputs);
        const { id, state } = physicalOf({ ...resource, inputs }, place);
        resources.push({
          ...{ type, name, id, inputs, state },
          kind: read ? "read" : "created",
          options: options.get(`${type} ${name}`) ?? NO_OPTIONS,
        });
        return { id, state };
      },
      call: (call) => answerOf({ ...call, inputs: plainProperties(call.inputs) }, place),
    },
    app,
    stage,
    false,
  );
  options = watchOptions(pulumi.runtime.getMonitor());
  return resources;
}
