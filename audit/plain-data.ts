/** JSON with maps, sets and whole numbers of any size. */
export function encodeData(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "bigint") return { $whole: item.toString() };
    if (item instanceof Map) return { $map: [...(item as Map<unknown, unknown>)] };
    if (item instanceof Set) return { $set: [...(item as Set<unknown>)] };
    return item;
  });
}

/** What `encodeData` was given. @throws SyntaxError */
export function decodeData(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== "object" || item === null) return item;
    const { $whole, $map, $set } = item as Record<string, unknown>;
    if (typeof $whole === "string") return BigInt($whole);
    if (Array.isArray($map)) return new Map($map as [unknown, unknown][]);
    if (Array.isArray($set)) return new Set($set as unknown[]);
    return item;
  });
}
