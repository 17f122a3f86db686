import * as z from "zod";
import { ACCOUNT_ID } from "../contract.ts";
import { invalid } from "./errors.ts";
import { type Actions, Bus, defineAction, Name, Paging, pageOf } from "./request.ts";
import type { Rule, Rules } from "./rules.ts";

export function ruleActions(rules: Rules, region: string): Actions {
  return {
    PutRule: defineAction(
      {
        Name,
        ...Bus,
        EventPattern: z.string().max(4096).optional(),
        State: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
        Description: z.string().max(512).optional(),
      },
      ({ Name: name, EventPattern: pattern, State, Description: description }) => {
        if (!pattern) throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
        const arn = `arn:aws:events:${region}:${ACCOUNT_ID}:rule/${name}`;
        rules.put({ name, arn, pattern, enabled: State === "ENABLED", description });
        return { RuleArn: arn };
      },
    ),

    DescribeRule: defineAction({ Name, ...Bus }, (request) => ({
      ...description(rules.get(request.Name)),
      CreatedBy: ACCOUNT_ID,
    })),

    ListRules: defineAction({ ...Bus, ...Paging, NamePrefix: z.string().default("") }, (request) => {
      const { page, next } = pageOf(rules.list(request.NamePrefix), ({ name }) => name, request);
      return { Rules: page.map(description), NextToken: next };
    }),

    DeleteRule: defineAction({ Name, ...Bus }, (request) => {
      rules.delete(request.Name);
      return {};
    }),
  };
}

function description(rule: Rule) {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.pattern,
    State: rule.enabled ? "ENABLED" : "DISABLED",
    Description: rule.description,
    EventBusName: "default",
  };
}
