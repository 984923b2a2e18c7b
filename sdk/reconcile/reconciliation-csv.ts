import { formatUnits } from "ethers";

import { type Cell, CSV_MARK, toCsvRow } from "../csv.ts";
import type { OrderCurrency } from "./read-orders.ts";
import type { ReconciledLineView } from "./reconciliation.ts";

const COLUMNS = [
  ...["category", "reason", "row", "order", "date", "currency", "expected", "received", "difference"],
  ...["payment", "paid", "returned", "held", "fee", "settled_at", "transaction"],
];

/**
 * The lines as a table for spreadsheets, piece by piece; amounts in units of the currency. A line has a row for each of its payments;
 * what is the line's stands in the first alone, so that columns can be summed.
 */
export function* reconciliationCsv(
  lines: Iterable<ReconciledLineView>,
  currencies: readonly OrderCurrency[],
): Generator<string> {
  const known = new Map(currencies.map((currency) => [currency.token.toLowerCase(), currency]));
  yield `${CSV_MARK}${toCsvRow(COLUMNS)}`;
  for (const line of lines) {
    const currency = known.get(line.token.toLowerCase());
    const amount = (value: string | bigint | null): Cell =>
      value === null ? null : formatUnits(value, currency?.decimals ?? 0).replace(/\.0$/, "");
    const { order, received, payments, category, reason } = line;
    const expected = order?.amount ?? "0";
    const own: Cell[] = [
      ...[category, reason, order?.row ?? null, order?.number ?? null, order?.date ?? null],
      ...[
        currency?.code ?? line.token,
        amount(expected),
        amount(received),
        amount(BigInt(received) - BigInt(expected)),
      ],
    ];
    const [first, ...rest] = payments.map(
      ({ id, amount: paid, returned, held, fee, settledAt, transactionHash }): Cell[] => [
        ...[id, amount(paid), amount(returned), amount(held), amount(fee)],
        ...[new Date(Number(settledAt) * 1_000).toISOString(), transactionHash],
      ],
    );
    yield toCsvRow([...own, ...(first ?? COLUMNS.slice(own.length).map(() => null))]);
    for (const payment of rest) {
      const again: Cell[] = [
        category,
        reason,
        order?.row ?? null,
        order?.number ?? null,
        null,
        currency?.code ?? line.token,
      ];
      yield toCsvRow([...again, null, null, null, ...payment]);
    }
  }
}
