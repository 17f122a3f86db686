import type { Arns } from "../arns.ts";
import { activityDoesNotExist } from "../errors.ts";
import { assertName } from "../names.ts";

export interface ActivityTask {
  readonly token: string;
  readonly input: string;
  /** Called when a worker has it. */
  readonly started: (workerName: string | undefined) => void;
  /** False once its execution no longer waits for it. */
  readonly isOpen: () => boolean;
}

/** A worker's open GetActivityTask. `offer` says whether the worker is still there to take the task. */
export interface Poll {
  offer(task: ActivityTask): boolean;
}

/** One activity: tasks in order of scheduling on one side, polls in order of arrival on the other. */
export class Activity {
  readonly arn: string;
  readonly name: string;
  readonly creationDate = Date.now();
  readonly position: number;
  readonly #tasks = new Set<ActivityTask>();
  readonly #polls = new Set<Poll>();
  #matching = false;

  constructor(arn: string, name: string, position: number) {
    this.arn = arn;
    this.name = name;
    this.position = position;
  }

  /** Returns how to withdraw the task if nobody has taken it. */
  schedule(task: ActivityTask): () => void {
    this.#tasks.add(task);
    this.#match();
    return () => this.#tasks.delete(task);
  }

  /** A worker went away with the task half delivered: it is first in line again. */
  putBack(task: ActivityTask): void {
    if (!task.isOpen()) return;
    const waiting = [...this.#tasks];
    this.#tasks.clear();
    for (const each of [task, ...waiting]) this.#tasks.add(each);
    this.#match();
  }

  /** Returns how to give the poll up. */
  poll(poll: Poll): () => void {
    this.#polls.add(poll);
    this.#match();
    return () => this.#polls.delete(poll);
  }

  /** After pending socket events: a worker that hung up must be seen as gone before a task is handed to it. */
  #match(): void {
    if (this.#matching || this.#tasks.size === 0 || this.#polls.size === 0) return;
    this.#matching = true;
    setImmediate(() => {
      this.#matching = false;
      for (const poll of [...this.#polls]) {
        const [task] = this.#tasks;
        if (task === undefined) return;
        this.#polls.delete(poll);
        if (poll.offer(task)) this.#tasks.delete(task);
      }
    });
  }
}

export class Activities {
  readonly #arns: Arns;
  readonly #activities = new Map<string, Activity>();
  #created = 0;

  constructor(arns: Arns) {
    this.#arns = arns;
  }

  /** Idempotent (API reference, CreateActivity). Throws InvalidName. */
  create(name: string): Activity {
    assertName(name);
    const arn = this.#arns.activity(name);
    const existing = this.#activities.get(arn);
    if (existing !== undefined) return existing;
    const activity = new Activity(arn, name, ++this.#created);
    this.#activities.set(arn, activity);
    return activity;
  }

  find(arn: string): Activity | undefined {
    return this.#activities.get(arn);
  }

  get(arn: string): Activity {
    const activity = this.#activities.get(arn);
    if (activity === undefined) throw activityDoesNotExist(arn);
    return activity;
  }

  remove(arn: string): void {
    this.#activities.delete(arn);
  }

  all(): Iterable<Activity> {
    return this.#activities.values();
  }
}
