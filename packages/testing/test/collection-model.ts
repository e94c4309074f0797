/** The plain model of collections that fuzz tests compare a store with: a Map for each hash and sorted set, a Set for each set. */

/** A sorted set: members with their scores. */
export class SortedModel extends Map<string, number> {
  sorted(): [member: string, score: number][] {
    return [...this].sort(([one, score], [other, theirs]) => score - theirs || (one < other ? -1 : 1));
  }
}

export type Value = string | Map<string, string> | Set<string> | SortedModel;
export type Model = Map<string, Value>;

function copyOfValue(value: Value): Value {
  if (typeof value === 'string') return value;
  if (value instanceof SortedModel) return new SortedModel(value);
  return value instanceof Map ? new Map(value) : new Set(value);
}

export function copyOf(model: Model): Model {
  return new Map([...model].map(([key, value]) => [key, copyOfValue(value)]));
}

export function sameModel(one: Model, other: Model): boolean {
  return one.size === other.size && [...one].every(([key, value]) => sameValue(value, other.get(key)));
}

function sameValue(one: Value, other: Value | undefined): boolean {
  if (typeof one === 'string' || typeof other === 'string' || other === undefined) return one === other;
  if (one instanceof Set || other instanceof Set) {
    return one instanceof Set && other instanceof Set && one.size === other.size && isSubset(one, other);
  }
  const theirs: ReadonlyMap<string, string | number> = other;
  return one.size === other.size && [...one].every(([field, value]) => theirs.get(field) === value);
}

/** Whether `found` is `before`, but for `count` members that are missing from one set. */
export function isPopped(found: Model, before: Model, { key, count }: { key: string; count: number }): boolean {
  const [left, old] = [found.get(key) ?? new Set(), before.get(key)];
  if (!(left instanceof Set) || !(old instanceof Set)) return false;
  const [others, othersBefore] = [new Map(found), new Map(before)];
  others.delete(key);
  othersBefore.delete(key);
  return left.size === old.size - count && isSubset(left, old) && sameModel(others, othersBefore);
}

function isSubset(one: Set<unknown>, other: Set<unknown>): boolean {
  return [...one].every((member) => other.has(member));
}

export function describeDifference(found: Model, model: Model): string {
  const differ = [...new Set([...found.keys(), ...model.keys()])].filter((key) => {
    const value = found.get(key);
    return value === undefined || !sameValue(value, model.get(key));
  });
  const show = (value: Value | undefined): string => {
    if (value instanceof Map) return `${value.size} fields`;
    return value instanceof Set ? `${value.size} members` : (JSON.stringify(value) ?? 'nothing');
  };
  return differ.map((key) => `${key}: ${show(found.get(key))} instead of ${show(model.get(key))}`).join('; ');
}
