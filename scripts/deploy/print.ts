import { formatEther } from "ethers";

/** Columns as wide as what stands in them. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}

/** Wei as the chain's coin, to a millionth. */
export function coins(wei: bigint): string {
  const rounded = (wei + 10n ** 12n - 1n) / 10n ** 12n;
  return formatEther(rounded * 10n ** 12n);
}

export function grouped(value: bigint | number): string {
  return value.toLocaleString("en");
}
