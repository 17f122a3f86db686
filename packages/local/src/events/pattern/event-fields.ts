import { isJsonObject, type Json } from "../../sfn/json.ts";

export type Leaf = string | number | boolean | null;

/** For every array of objects above a leaf: the array's number in the event, and the element the leaf is in. */
export type Membership = ReadonlyMap<number, number>;

export interface EventField {
  readonly value: Leaf;
  readonly membership: Membership;
}

/** The leaves of an event under their dotted paths. Arrays add nothing to a path, and empty ones hold no leaf. */
export type EventFields = ReadonlyMap<string, readonly EventField[]>;

export function eventFields(event: Json): EventFields {
  const fields = new Map<string, EventField[]>();
  let arrays = 0;

  const walk = (value: Json, path: string, membership: Membership): void => {
    if (Array.isArray(value)) {
      const array = arrays++;
      for (const [index, element] of value.entries()) {
        // Only objects need it: their fields must be told apart, elements without fields are alternatives.
        walk(element, path, isJsonObject(element) ? new Map(membership).set(array, index) : membership);
      }
    } else if (isJsonObject(value)) {
      for (const [name, inner] of Object.entries(value)) walk(inner, `${path}.${name}`, membership);
    } else {
      const known = fields.get(path);
      if (known === undefined) fields.set(path, [{ value, membership }]);
      else known.push({ value, membership });
    }
  };

  if (isJsonObject(event)) for (const [name, value] of Object.entries(event)) walk(value, name, new Map());
  return fields;
}

/** The union of two memberships; undefined when they are in different elements of one array. */
export function join(one: Membership, other: Membership): Membership | undefined {
  const joined = new Map(one);
  for (const [array, index] of other) {
    if ((joined.get(array) ?? index) !== index) return undefined;
    joined.set(array, index);
  }
  return joined;
}
