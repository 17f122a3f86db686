import type { Migration, OrderDraft, Outcome, Route } from "@crossfade/bridge";
import type { Contract } from "@crossfade/bridge/deployment";

type Item = OrderDraft["items"][number];

/** What a wrong translation does to an item, and a careless plan to what it planned. */
export interface Fault {
  readonly item?: (item: Item) => Item;
  readonly planned?: (outcome: Outcome) => Outcome;
}

/** By the customer whose messages it befalls. */
export type Faults = Readonly<Record<string, Fault>>;

const spoilt = (draft: OrderDraft, faults: Faults): OrderDraft => {
  const change = faults[draft.customerId]?.item;
  return change === undefined ? draft : { ...draft, items: draft.items.map(change) };
};

const wrongRoute = (route: Route, faults: Faults): Route => ({
  ...route,
  parse(body) {
    const message = route.parse(body);
    return { ...message, draft: () => spoilt(message.draft(), faults) };
  },
});

function wrongMigration(migration: Migration, faults: Faults): Migration {
  const wrong = (route: Route) => wrongRoute(route, faults);
  return {
    ...migration,
    routes: new Map([...migration.routes].map(([type, route]) => [type, wrong(route)])),
    route: (type) => wrong(migration.route(type)),
    routeOf: (body) => wrong(migration.routeOf(body)),
  };
}

/** A contract whose author got the orders of some customers wrong; the legacy path does not notice. */
export const mistranslated = <A extends string>(contract: Contract<A>, faults: Faults): Contract<A> => ({
  ...contract,
  migration: wrongMigration(contract.migration, faults),
  plan(item) {
    const outcome = contract.plan(item);
    return faults[String(item.input["customerId"])]?.planned?.(outcome) ?? outcome;
  },
});
