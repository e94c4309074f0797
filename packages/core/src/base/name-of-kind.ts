/** What a value is, for messages about one that is not what it must be: whoever calls a method from JavaScript reads them. */
export function nameOfKind(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value;
}
