type Path = readonly (string | number)[];

/** Where the texts and numbers of a document stand. */
export function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value === "string" || typeof value === "number") return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, [...path, name]));
}

/** The document with one byte of a text in hex changed, or one digit of another text, or a number. */
export function changeLeaf<T extends object>(document: T, path: Path, where: number, change: number): T {
  const copy = structuredClone(document);
  const [last = "", ...rest] = [...path].reverse();
  let parent = copy as Record<string | number, unknown>;
  for (const name of rest.reverse()) parent = parent[name] as Record<string | number, unknown>;
  parent[last] = changed(parent[last], where, change);
  return copy;
}

function changed(value: unknown, where: number, change: number): unknown {
  if (typeof value === "number") return value + change;
  const text = String(value);
  if (!text.startsWith("0x") || text.length < 4) return digitsChanged(text, where, change);
  const at = 2 + 2 * (where % ((text.length - 2) / 2));
  const byte = parseInt(text.slice(at, at + 2), 16) ^ change;
  return `${text.slice(0, at)}${byte.toString(16).padStart(2, "0")}${text.slice(at + 2)}`;
}

function digitsChanged(text: string, where: number, change: number): string {
  const at = where % text.length;
  const digit = text.charCodeAt(at);
  const isDigit = digit >= 48 && digit <= 57;
  const other = isDigit ? String((digit - 48 + 1 + (change % 9)) % 10) : "~";
  return `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
}
