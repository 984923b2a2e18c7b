/** Readable JSON; whole numbers beyond 2^53 as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? String(member) : member), 2);
}
