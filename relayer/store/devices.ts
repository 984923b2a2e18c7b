import type { Queryable } from "./database.ts";

export interface DeviceKey {
  readonly owner: string;
  readonly token: string;
  readonly index: number;
}

export function deviceText({ owner, token, index }: DeviceKey): string {
  return `${owner}:${token}:${index}`;
}

/** A device, and the block at which the chain was asked about it. */
export interface DeviceAsOf extends DeviceKey {
  readonly block: bigint;
}

export function deviceAsOfText(device: DeviceAsOf): string {
  return `${deviceText(device)}@${device.block}`;
}

/**
 * What devices have promised beside what the chain knew they had spent: their live payments, and those that settled above
 * the block where it was asked. To be called with the owners' accounts locked. @returns by {@link deviceAsOfText}.
 */
export async function readDevicePromises(
  db: Queryable,
  devices: readonly DeviceAsOf[],
): Promise<ReadonlyMap<string, bigint>> {
  if (devices.length === 0) return new Map();
  const { rows } = await db.query<DeviceAsOf & { readonly sum: bigint }>(
    `SELECT d.owner, d.token, d.index, d.block, coalesce(sum(coalesce((p.fx->>'cost')::numeric, p.amount)), 0) AS sum
     FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[])
       AS k (owner, token, index, block)) d
     LEFT JOIN payments p ON p.payer = d.owner AND p.token = d.token AND p.funding = 'account'
       AND p.nonce >= d.index * 72057594037927936::numeric AND p.nonce < (d.index + 1) * 72057594037927936::numeric
       AND (p.state IN ('accepted', 'assigned', 'submitted')
         OR (p.state IN ('settled', 'final') AND p.block_number > d.block))
     GROUP BY d.owner, d.token, d.index, d.block`,
    [
      devices.map((d) => d.owner),
      devices.map((d) => d.token),
      devices.map((d) => d.index),
      devices.map((d) => d.block),
    ],
  );
  return new Map(rows.map((row) => [deviceAsOfText(row), row.sum]));
}
