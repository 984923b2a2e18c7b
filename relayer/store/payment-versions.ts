import type { Queryable } from "./database.ts";

/** A number of each payment that grows with every change: when it was changed last, in microseconds since 1970. */
export async function readVersions(db: Queryable, ids: readonly string[]): Promise<Map<string, bigint>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<{ id: string; version: bigint }>(
    `SELECT id, (extract(epoch FROM updated_at) * 1000000)::bigint AS version FROM payments WHERE id = ANY ($1)`,
    [ids],
  );
  return new Map(rows.map(({ id, version }) => [id, version]));
}
