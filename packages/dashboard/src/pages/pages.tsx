import { Route, Switch } from "wouter";
import { Layout } from "../parts/layout.tsx";
import { Empty } from "../parts/loaded.tsx";
import { OverviewPage } from "./overview.tsx";
import { RoutePage } from "./route.tsx";

export function Pages() {
  return (
    <Layout>
      <Switch>
        <Route path="/">
          <OverviewPage />
        </Route>
        <Route path="/routes/:route">{({ route }) => <RoutePage key={route} route={route} />}</Route>
        <Route>
          <h1>No such page</h1>
          <Empty title="This address leads nowhere">
            <a href="/">Go to the overview</a>, or find a request by its id above.
          </Empty>
        </Route>
      </Switch>
    </Layout>
  );
}
