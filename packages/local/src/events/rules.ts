import type { CloudEvent } from "../contract.ts";
import { EventsError, invalid, ruleDoesNotExist } from "./errors.ts";
import { compilePattern, type Pattern } from "./pattern.ts";

/** A queue that a rule sends its events to. `deadLetterArn` and `messageGroupId` as in PutTargets. */
export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly deadLetterArn?: string | undefined;
  readonly messageGroupId?: string | undefined;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly pattern: string;
  readonly enabled: boolean;
  readonly description?: string | undefined;
  readonly targets: ReadonlyMap<string, Target>;
}

/** One way of an event: the rule it matches and a target of that rule. */
export interface Route {
  readonly ruleArn: string;
  readonly target: Target;
}

/** EventBridge quota: targets of one rule. */
const TARGETS_PER_RULE = 5;

/** The rules of the default bus. */
export class Rules {
  readonly #rules = new Map<string, Rule & { readonly matches: Pattern }>();

  put(rule: Omit<Rule, "targets">): void {
    const matches = compilePattern(rule.pattern);
    const targets = this.#rules.get(rule.name)?.targets ?? new Map<string, Target>();
    this.#rules.set(rule.name, { ...rule, targets, matches });
  }

  get(name: string): Rule {
    return this.#mustFind(name);
  }

  list(prefix: string): readonly Rule[] {
    return [...this.#rules.values()].filter((rule) => rule.name.startsWith(prefix));
  }

  /** Deleting a rule that is not there succeeds, as in AWS; one that still has targets is refused. */
  delete(name: string): void {
    if ((this.#rules.get(name)?.targets.size ?? 0) > 0) {
      throw invalid("Rule can't be deleted since it has targets.");
    }
    this.#rules.delete(name);
  }

  putTargets(name: string, added: readonly Target[]): void {
    const rule = this.#mustFind(name);
    const targets = new Map(rule.targets);
    for (const target of added) targets.set(target.id, target);
    if (targets.size > TARGETS_PER_RULE) {
      throw new EventsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
    }
    this.#rules.set(name, { ...rule, targets });
  }

  removeTargets(name: string, ids: readonly string[]): void {
    const rule = this.#mustFind(name);
    const targets = new Map([...rule.targets].filter(([id]) => !ids.includes(id)));
    this.#rules.set(name, { ...rule, targets });
  }

  /** Every target of every enabled rule that the event matches; one queue twice if two rules name it. */
  routesOf(event: CloudEvent): readonly Route[] {
    const matching = [...this.#rules.values()].filter((rule) => rule.enabled && rule.matches(event));
    return matching.flatMap(({ arn, targets }) => [...targets.values()].map((target) => ({ ruleArn: arn, target })));
  }

  #mustFind(name: string) {
    const rule = this.#rules.get(name);
    if (rule === undefined) throw ruleDoesNotExist(name);
    return rule;
  }
}
