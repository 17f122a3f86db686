import { Route, Switch } from "wouter";
import { Layout } from "../parts/layout.tsx";
import { Empty } from "../parts/loaded.tsx";
import { lastPart } from "../views.ts";
import { DeadLettersPage } from "./dead-letters.tsx";
import { DifferencePage } from "./difference.tsx";
import { OverviewPage } from "./overview.tsx";
import { RequestPage } from "./request.tsx";
import { RoutePage } from "./route.tsx";
import { VerdictsPage } from "./verdicts.tsx";

export function Pages() {
  return (
    <Layout>
      <Switch>
        <Route path="/">
          <OverviewPage />
        </Route>
        <Route path="/routes/:route">{({ route }) => <RoutePage key={route} route={route} />}</Route>
        <Route path="/routes/:route/differences/:against/:id">
          {({ route, against, id }) => <DifferencePage key={id} route={route} against={against} id={id} />}
        </Route>
        <Route path="/routes/:route/verdicts/:verdict">
          {({ route, verdict }) => <VerdictsPage key={verdict} route={route} verdict={verdict} />}
        </Route>
        {/* Read from the address itself: the router leaves an encoded slash as it is. */}
        <Route path="/requests/:id">
          {({ id }) => <RequestPage key={id} id={lastPart(window.location.pathname)} />}
        </Route>
        <Route path="/dead-letters/:queue?">{({ queue }) => <DeadLettersPage queue={queue} />}</Route>
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
