export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Tags by ARN; they change nothing. */
export class Tags {
  readonly #byArn = new Map<string, Map<string, string>>();

  add(arn: string, tags: readonly Tag[]): void {
    const known = this.#byArn.get(arn) ?? new Map<string, string>();
    for (const { key, value } of tags) known.set(key, value);
    this.#byArn.set(arn, known);
  }

  remove(arn: string, keys: readonly string[]): void {
    for (const key of keys) this.#byArn.get(arn)?.delete(key);
  }

  of(arn: string): Tag[] {
    return [...(this.#byArn.get(arn) ?? [])].map(([key, value]) => ({ key, value }));
  }
}
